using Azure.Core;
using OpenTelemetry;
using Pipeline.Local;

namespace Azure.Monitor.OpenTelemetry.Exporter;

/// <summary>How telemetry gets to Application Insights.</summary>
public class AzureMonitorExporterOptions
{
    /// <summary>Where Application Insights is.</summary>
    public string? ConnectionString { get; set; }

    /// <summary>Who sends, where a connection string is not enough.</summary>
    public TokenCredential? Credential { get; set; }

    /// <summary>Whether logs within a trace that is not sampled are left out.</summary>
    public bool EnableTraceBasedLogsSampler { get; set; } = true;
}

/// <summary>Telemetry to Application Insights, which one machine does not have.</summary>
public static class OpenTelemetryBuilderExtensions
{
    /// <summary>Refuses: there is no exporter here, and an app that seems to be watched is worse than one that is not.</summary>
    /// <exception cref="StartupException">Always.</exception>
    public static IOpenTelemetryBuilder UseAzureMonitorExporter(this IOpenTelemetryBuilder builder, Action<AzureMonitorExporterOptions> configureAzureMonitor)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configureAzureMonitor);
        throw new StartupException(
            "The Local build does not send to Application Insights: unset APPLICATIONINSIGHTS_CONNECTION_STRING. "
            + "To see traces and metrics here, set OTEL_EXPORTER_OTLP_ENDPOINT to an OpenTelemetry collector.");
    }
}
