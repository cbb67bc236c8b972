namespace Pipeline.Local.ServiceBus;

/// <summary>Settings of a <see cref="BrokerQueue"/>.</summary>
internal sealed record QueueSettings(
    bool RequiresSession,
    TimeSpan LockDuration,
    int MaxDeliveryCount,
    bool DeadLettersExpired = true,
    bool DeadLettersFilterErrors = true);
