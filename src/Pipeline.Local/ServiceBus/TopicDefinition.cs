namespace Pipeline.Local.ServiceBus;

/// <summary>A topic. What is not set comes from <see cref="BrokerTopology"/>.</summary>
internal sealed record TopicDefinition
{
    public required string Name { get; init; }
    public TimeSpan? DuplicateDetectionWindow { get; init; }

    /// <summary>Default and longest lifetime of its messages, above 0. Default: no limit.</summary>
    public TimeSpan? DefaultMessageTimeToLive { get; init; }

    public IReadOnlyList<SubscriptionDefinition> Subscriptions { get; init; } = [];
}
