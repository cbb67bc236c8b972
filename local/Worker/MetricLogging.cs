namespace Microsoft.Extensions.Logging;

/// <summary>Metrics by way of the log.</summary>
public static class FunctionsLoggerExtensions
{
    /// <summary>Logs a value of a metric. In Azure the host sends it to Application Insights; here it is a line of the log, at level Debug.</summary>
    /// <param name="logger">Where to.</param>
    /// <param name="name">Name of the metric.</param>
    /// <param name="value">The value.</param>
    /// <param name="properties">What it is divided by.</param>
    public static void LogMetric(this ILogger logger, string name, double value, IDictionary<string, object>? properties = null)
    {
        if (logger.IsEnabled(LogLevel.Debug))
            logger.LogDebug("{Metric} {Value} {Properties}", name, value, properties is null ? "" : string.Join(' ', properties));
    }
}
