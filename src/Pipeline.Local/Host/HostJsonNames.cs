using Microsoft.Extensions.Configuration;

namespace Pipeline.Local.Hosting;

/// <summary>
/// The names that Azure Functions reads in host.json, those included that mean nothing here: what is on none of these lists is
/// misspelt, and does nothing. <see href="https://learn.microsoft.com/azure/azure-functions/functions-host-json"/>
/// </summary>
internal static class HostJsonNames
{
    private static readonly string[] _top =
    [
        "version", "aggregator", "concurrency", "customHandler", "extensionBundle", "extensions", "functions", "functionTimeout", "healthMonitor",
        "logging", "managedDependency", "retry", "sendCanceledInvocationsToWorker", "singleton", "telemetryMode", "watchDirectories", "watchFiles",
    ];

    /// <summary>Sections that have no other names than these. What is not here may have any.</summary>
    private static readonly Dictionary<string, string[]> _closed = new(StringComparer.OrdinalIgnoreCase)
    {
        ["aggregator"] = ["batchSize", "flushTimeout"],
        ["concurrency"] = ["dynamicConcurrencyEnabled", "snapshotPersistenceEnabled"],
        ["extensionBundle"] = ["id", "version"],
        ["healthMonitor"] = ["enabled", "healthCheckInterval", "healthCheckWindow", "healthCheckThreshold", "counterThreshold"],
        ["managedDependency"] = ["enabled"],
        ["retry"] = ["strategy", "maxRetryCount", "delayInterval", "minimumInterval", "maximumInterval"],
        ["singleton"] = ["lockPeriod", "listenerLockPeriod", "listenerLockRecoveryPollingInterval", "lockAcquisitionTimeout", "lockAcquisitionPollingInterval"],
        ["extensions:http"] = ["routePrefix", "maxOutstandingRequests", "maxConcurrentRequests", "dynamicThrottlesEnabled", "hsts", "customHeaders"],
        ["extensions:cosmosDB"] = ["connectionMode", "protocol", "userAgentSuffix"],
    };

    /// <summary>Sections in which an extension or a provider may have a name of its own: only what is almost one of these is misspelt.</summary>
    private static readonly Dictionary<string, string[]> _open = new(StringComparer.OrdinalIgnoreCase)
    {
        ["extensions"] =
        [
            "blobs", "cosmosDB", "dapr", "durableTask", "eventGrid", "eventHubs", "http", "kafka", "mcp", "queues", "rabbitMQ", "sendGrid", "serviceBus",
            "signalR", "sql", "tables", "warmup", "webPubSub",
        ],
        ["logging"] = ["applicationInsights", "console", "fileLoggingMode", "logLevel"],
    };

    /// <summary>What to warn of, in words: each name that does nothing, where it is, and what may have been meant.</summary>
    public static IEnumerable<string> Warnings(IConfiguration hostJson)
    {
        foreach (var child in hostJson.GetChildren().Where(c => !c.Key.StartsWith('$') && !Has(_top, c.Key)))
            yield return Unknown(child, _top);
        foreach (var (section, names) in _closed)
        {
            foreach (var child in hostJson.GetSection(section).GetChildren().Where(c => !Has(names, c.Key)))
                yield return Unknown(child, names);
        }

        foreach (var (section, names) in _open)
        {
            foreach (var child in hostJson.GetSection(section).GetChildren().Where(c => !Has(names, c.Key) && Nearest.Like(c.Key, names) is not null))
                yield return Unknown(child, names);
        }

        var serviceBus = hostJson.GetSection("extensions:serviceBus");
        foreach (var child in serviceBus.GetChildren().Where(c => !Has(ServiceBusSettings.Names, c.Key)))
            yield return $"{Place(child)} is no setting of the Service Bus extension and does nothing.{Nearest.Hint(child.Key, ServiceBusSettings.Names)}";
    }

    private static bool Has(IEnumerable<string> names, string name) => names.Contains(name, StringComparer.OrdinalIgnoreCase);

    private static string Unknown(IConfigurationSection child, IEnumerable<string> names) =>
        $"{Place(child)} is no setting of Azure Functions and does nothing.{Nearest.Hint(child.Key, names)}";

    private static string Place(IConfigurationSection section) => section.Path.Replace(':', '.');
}
