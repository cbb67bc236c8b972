using Azure.Identity;
using Azure.Monitor.OpenTelemetry.Exporter;
using Microsoft.Azure.Functions.Worker.OpenTelemetry;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry;
using Pipeline.Diagnostics;

namespace Pipeline.Functions;

/// <summary>
/// Where the pipeline's traces, metrics and logs go: to Application Insights in Azure, to an OpenTelemetry collector where
/// one is named, nowhere otherwise, and then they cost nothing. In Azure host.json tells the Functions host to do likewise
/// (<c>telemetryMode</c>), so that its spans and the pipeline's are of one trace.
/// </summary>
internal static class TelemetryExport
{
    public static IServiceCollection AddTelemetryExport(this IServiceCollection services, IConfiguration configuration)
    {
        var insights = AppSettings.ApplicationInsights.Of(configuration);
        var toCollector = AppSettings.Collector.Of(configuration) is not null;
        if (insights is null && !toCollector)
            return services;
        var telemetry = services.AddOpenTelemetry()
            .UseFunctionsWorkerDefaults()
            .WithTracing(traces => traces.AddSource(Telemetry.Name))
            .WithMetrics(metrics => metrics.AddMeter(Telemetry.Name))
            .WithLogging();
        if (insights is not null)
            telemetry.UseAzureMonitorExporter(options => Configure(options, insights, AppSettings.ApplicationInsightsIdentity.Of(configuration)));
        if (toCollector)
            telemetry.UseOtlpExporter();
        return services;
    }

    private static void Configure(AzureMonitorExporterOptions options, string insights, string? identity)
    {
        options.ConnectionString = insights;

        // Traces are sampled, by default five a second; what an operator has to read is not.
        options.EnableTraceBasedLogsSampler = false;
        if (identity is not null)
            options.Credential = new DefaultAzureCredential(new DefaultAzureCredentialOptions { ManagedIdentityClientId = AppSettings.ClientIdIn(identity) });
    }
}
