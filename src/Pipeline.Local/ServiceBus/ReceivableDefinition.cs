namespace Pipeline.Local.ServiceBus;

/// <summary>What queues and subscriptions have in common. What is not set comes from <see cref="BrokerTopology"/>.</summary>
internal abstract record ReceivableDefinition
{
    public required string Name { get; init; }
    public bool RequiresSession { get; init; } = true;
    public TimeSpan? LockDuration { get; init; }
    public int? MaxDeliveryCount { get; init; }

    /// <summary>Default and longest lifetime of its messages, above 0. Default: no limit.</summary>
    public TimeSpan? DefaultMessageTimeToLive { get; init; }

    /// <summary>Whether what expires is dead-lettered, else dropped. Default true, as the deployment sets it; Azure's own default is false.</summary>
    public bool DeadLetteringOnMessageExpiration { get; init; } = true;

    /// <summary>Queue or topic that gets everything that comes here. Not where sessions are required.</summary>
    public string? ForwardTo { get; init; }

    /// <summary>Queue or topic that gets the dead letters.</summary>
    public string? ForwardDeadLetteredMessagesTo { get; init; }
}
