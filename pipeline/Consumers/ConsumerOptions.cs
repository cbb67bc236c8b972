namespace Pipeline.Consumers;

/// <summary>How consumers treat failures and duplicates.</summary>
public sealed record ConsumerOptions
{
    /// <summary>When failed messages are tried again, for consumers that declare no schedule of their own (<see cref="Consumer{TState}.Retry"/>).</summary>
    public RetrySchedule Retry { get; init; } = new();

    /// <summary>
    /// Deliveries of a message before it is given up. Default 5, at least 1. The broker's own limit must be higher. With a
    /// <see cref="RetrySchedule"/> only handlers that kill their process, or never return, get that far.
    /// </summary>
    public int MaxDeliveries { get; init; } = 5;

    /// <summary>
    /// Deliveries of a message to an order-free consumer before it is given up without running the handler. Without sessions
    /// every return counts as a delivery, those for want of Cosmos DB too; a handler that <em>fails</em> is given up after
    /// <see cref="MaxDeliveries"/>. Default 25; the broker's own limit must be higher.
    /// </summary>
    public int MaxDeliveriesOrderFree { get; init; } = 25;

    /// <summary>
    /// Age of an event from which a failing handler gives it up, where the sender does not say how often it delivered
    /// (Event Grid). Default 1 hour, well inside Event Grid's 24. Only without a <see cref="RetrySchedule"/>: with one it is held at once.
    /// </summary>
    public TimeSpan GiveUpAge { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Attempts in process per delivery, with full jitter between them. Default 3, at least 1.</summary>
    public int AttemptsPerDelivery { get; init; } = 3;

    /// <summary>Bound of the first pause between attempts. Default 50 ms.</summary>
    public TimeSpan FirstPause { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>
    /// Bound of the pause before a failed message is delivered again, the first time; it doubles. Default 500 ms. Only without
    /// a <see cref="RetrySchedule"/>.
    /// </summary>
    public TimeSpan FirstRedeliveryPause { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Bound of every such pause. Default 4 s. The lock is renewed meanwhile, for <c>maxAutoLockRenewalDuration</c> at most.</summary>
    public TimeSpan LongestRedeliveryPause { get; init; } = TimeSpan.FromSeconds(4);

    /// <summary>How long a handled message is remembered. Default 30 days. Older commands go to the ledger as expired.</summary>
    public TimeSpan InboxTimeToLive { get; init; } = TimeSpan.FromDays(30);

    /// <summary>How long to wait for Cosmos DB, under lock renewal, before the session is given back. Default 30 s.</summary>
    public TimeSpan StoreOutagePatience { get; init; } = TimeSpan.FromSeconds(30);
}
