using Azure.Identity;
using Azure.Monitor.OpenTelemetry.Exporter;
using Microsoft.Azure.Functions.Worker.OpenTelemetry;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry;
using Pipeline.Diagnostics;

namespace Pipeline.AzureFunctions.Configuration;

/// <summary>
/// Exports the pipeline's traces, metrics and logs to Application Insights in Azure, and to an OpenTelemetry collector if one is
/// configured; otherwise they are not collected. In Azure, host.json configures the Functions host likewise
/// (<c>telemetryMode</c>), so that its spans and the pipeline's belong to one trace.
/// </summary>
internal static class TelemetryExport
{
    public static IServiceCollection AddTelemetryExport(this IServiceCollection services, IConfiguration configuration)
    {
        var insights = PipelineSettings.ApplicationInsights.Of(configuration);
        var toCollector = PipelineSettings.Collector.Of(configuration) is not null;
        if (insights is null && !toCollector)
            return services;
        var telemetry = services.AddOpenTelemetry()
            .UseFunctionsWorkerDefaults()
            .WithTracing(traces => traces.AddSource(Telemetry.Name))
            .WithMetrics(metrics => metrics.AddMeter(Telemetry.Name))
            .WithLogging();
        if (insights is not null)
            telemetry.UseAzureMonitorExporter(options => Configure(options, insights, PipelineSettings.ApplicationInsightsIdentity.Of(configuration)));
        if (toCollector)
            telemetry.UseOtlpExporter();
        return services;
    }

    private static void Configure(AzureMonitorExporterOptions options, string insights, string? identity)
    {
        options.ConnectionString = insights;

        // Traces are sampled, by default five a second; logs are not.
        options.EnableTraceBasedLogsSampler = false;
        if (identity is not null)
            options.Credential = new DefaultAzureCredential(new DefaultAzureCredentialOptions { ManagedIdentityClientId = PipelineSettings.ClientIdIn(identity) });
    }
}
