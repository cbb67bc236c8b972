using Microsoft.Extensions.Configuration;

namespace Pipeline.Local.Hosting;

/// <summary>The <c>extensions.serviceBus</c> part of host.json, with Azure's defaults for what it does not set.</summary>
internal sealed record ServiceBusSettings
{
    /// <summary>All that the extension knows, also what means nothing here.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        "prefetchCount", "autoCompleteMessages", "maxAutoLockRenewalDuration", "maxConcurrentCalls", "maxConcurrentSessions",
        "maxConcurrentCallsPerSession", "sessionIdleTimeout", "maxMessageBatchSize", "minMessageBatchSize", "maxBatchWaitTime",
        "clientRetryOptions", "transportType", "webProxy", "enableCrossEntityTransactions",
    ];

    public required bool AutoCompleteMessages { get; init; }

    public required TimeSpan MaxAutoLockRenewalDuration { get; init; }

    public required int MaxConcurrentCalls { get; init; }

    public required int MaxConcurrentSessions { get; init; }

    /// <summary>How long a session that has no message is held; <see langword="null"/>: for the try timeout.</summary>
    public required TimeSpan? SessionIdleTimeout { get; init; }

    public required int MaxMessageBatchSize { get; init; }

    /// <summary>How long one receive or accept waits.</summary>
    public required TimeSpan TryTimeout { get; init; }

    /// <exception cref="StartupException">A value is wrong, or the embedded host does not offer it.</exception>
    public static ServiceBusSettings Read(IConfigurationSection section)
    {
        if (HostJson.Integer(section, "prefetchCount", 0, least: 0) != 0)
            throw new StartupException("host.json: prefetchCount is not 0; the embedded host does not prefetch (and a prefetched message loses its lock while it waits).");
        if (HostJson.Integer(section, "maxConcurrentCallsPerSession", 1, least: 1) != 1)
            throw new StartupException("host.json: maxConcurrentCallsPerSession is not 1; that gives up the order within a session, and the embedded host does not offer it.");
        if (HostJson.Integer(section, "minMessageBatchSize", 1, least: 1) != 1)
            throw new StartupException("host.json: minMessageBatchSize is not 1; the embedded host does not wait for batches to fill.");
        var idle = HostJson.Duration(section, "sessionIdleTimeout");
        if (idle == TimeSpan.Zero)
            throw new StartupException("host.json: sessionIdleTimeout is 0: more than zero is expected.");
        return new ServiceBusSettings
        {
            AutoCompleteMessages = HostJson.Boolean(section, "autoCompleteMessages", true),
            MaxAutoLockRenewalDuration = HostJson.Duration(section, "maxAutoLockRenewalDuration") ?? TimeSpan.FromMinutes(5),
            MaxConcurrentCalls = HostJson.Integer(section, "maxConcurrentCalls", 16, least: 1),
            MaxConcurrentSessions = HostJson.Integer(section, "maxConcurrentSessions", 8, least: 1),
            SessionIdleTimeout = idle,
            MaxMessageBatchSize = HostJson.Integer(section, "maxMessageBatchSize", 1000, least: 1),
            TryTimeout = HostJson.Duration(section.GetSection("clientRetryOptions"), "tryTimeout") ?? TimeSpan.FromMinutes(1),
        };
    }
}
