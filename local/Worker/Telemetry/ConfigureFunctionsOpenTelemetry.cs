using OpenTelemetry;
using OpenTelemetry.Resources;

namespace Microsoft.Azure.Functions.Worker.OpenTelemetry;

/// <summary>OpenTelemetry in a Functions app.</summary>
public static class ConfigureFunctionsOpenTelemetry
{
    /// <summary>
    /// Adds the spans of invocations and those of HTTP requests, which in Azure the host sends, and says which app they are
    /// of: <c>OTEL_SERVICE_NAME</c>, or <c>pipeline-local</c>.
    /// </summary>
    public static IOpenTelemetryBuilder UseFunctionsWorkerDefaults(this IOpenTelemetryBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder
            .ConfigureResource(resource => resource.AddService("pipeline-local").AddEnvironmentVariableDetector())
            .WithTracing(traces => traces.AddSource("Microsoft.Azure.Functions.Worker", "Microsoft.AspNetCore"));
    }
}
