using Pipeline.Failures;

namespace Pipeline.Consumers;

/// <summary>How consumers treat failures and duplicates.</summary>
public sealed record ConsumerOptions
{
    private readonly TimeSpan _maxClockSkew = TimeSpan.FromMinutes(5);

    /// <summary>When failed messages are tried again, for consumers that declare no schedule of their own (<see cref="Consumer{TState}.Retry"/>).</summary>
    public RetrySchedule Retry { get; init; } = new();

    /// <summary>
    /// Deliveries of a message before it is given up. Default 5, at least 1. The broker's own limit must be higher. What was given
    /// back for a reason that is not the message's own, an outage of Cosmos DB say, does not count. With a
    /// <see cref="RetrySchedule"/> only handlers that kill their process, or never return, get that far.
    /// </summary>
    public int MaxDeliveries { get; init; } = 5;

    /// <summary>
    /// Deliveries of a message to an unordered consumer before it is given up without running the handler. The locks of a batch
    /// are not renewed, so a batch that takes long counts against all its messages; a handler that <em>fails</em> is given up after
    /// <see cref="MaxDeliveries"/>. Default 25; the broker's own limit must be higher. Give-backs do not count here either.
    /// </summary>
    public int MaxDeliveriesUnordered { get; init; } = 25;

    /// <summary>
    /// Age of an event from which a failing handler gives it up, where the sender does not say how often it delivered
    /// (Event Grid). Default 1 hour, well inside Event Grid's 24. Only without a <see cref="RetrySchedule"/>: with one it waits for a retry at once.
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

    /// <summary>
    /// How old a message may be, by its <c>time</c>. Default 30 days. Older ones are dead letters (<c>Expired</c>), or refused where the
    /// sender can be told. What was handled is remembered for as long as it could come again.
    /// </summary>
    public TimeSpan InboxTimeToLive { get; init; } = TimeSpan.FromDays(30);

    /// <summary>
    /// How far ahead of this clock the <c>time</c> of a message may be. Default 5 minutes; 0 to 1 day. What is further ahead is a dead
    /// letter (<c>DatedAhead</c>), or refused where the sender can be told. Ignored for events with a <c>sequence</c> at consumers that
    /// keep order, whose age does not matter.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">It is out of range.</exception>
    public TimeSpan MaxClockSkew
    {
        get => _maxClockSkew;
        init => _maxClockSkew = value >= TimeSpan.Zero && value <= TimeSpan.FromDays(1)
            ? value
            : throw new ArgumentOutOfRangeException(nameof(MaxClockSkew), value, $"{nameof(MaxClockSkew)} is 0 to 1 day.");
    }

    /// <summary>
    /// How long a delivery waits for Cosmos DB or the payload store before its message is given back, the first time; it doubles
    /// with every give-back, up to <see cref="LongestStoreOutageTimeout"/>. Default 30 s. Without sessions it does not double: the
    /// locks of a batch are not renewed, so it must be well below the lock duration (1 minute).
    /// </summary>
    public TimeSpan StoreOutageTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Bound of that wait. Default 4 minutes, so that the broker's 100 deliveries last for hours. Keep it below host.json's
    /// <c>maxAutoLockRenewalDuration</c> (5 minutes) and <c>functionTimeout</c>; ignored where <see cref="StoreOutageTimeout"/> is longer.
    /// </summary>
    public TimeSpan LongestStoreOutageTimeout { get; init; } = TimeSpan.FromMinutes(4);

    /// <summary>
    /// Seconds for which a message is remembered that is handled now: until it would be refused for its age, by the slowest clock. That of
    /// the sender may be ahead of ours by the skew, and ours of that of Cosmos DB, which counts them. A replay takes messages with
    /// any date, so one that is still ahead counts from its own.
    /// </summary>
    internal int MemorySeconds(DateTimeOffset? time, DateTimeOffset now)
    {
        var ahead = time is { } at && at > now ? (at - now).TotalSeconds : 0;
        return (int)Math.Clamp(Math.Ceiling(InboxTimeToLive.TotalSeconds + (2 * MaxClockSkew.TotalSeconds) + ahead), 1, int.MaxValue);
    }

    /// <summary>After so long a message that was sent now is refused, by any clock.</summary>
    internal TimeSpan LongestAcceptance => TimeSpan.FromSeconds(MemorySeconds(null, default));

    /// <summary>How long to wait at a delivery of a message that was given back this often before.</summary>
    internal TimeSpan StoreTimeoutAfter(int timesGivenBack) =>
        StoreOutageTimeout >= LongestStoreOutageTimeout || timesGivenBack == 0
            ? StoreOutageTimeout
            : TimeSpan.FromTicks((long)Math.Min(LongestStoreOutageTimeout.Ticks, StoreOutageTimeout.Ticks * Math.Pow(2, Math.Min(timesGivenBack, 30))));

    /// <summary>Checks all values.</summary>
    /// <exception cref="ArgumentOutOfRangeException">One is out of its range.</exception>
    internal ConsumerOptions Checked()
    {
        OptionRange.Check(MaxDeliveries, MaxDeliveries >= 1, "at least 1");
        OptionRange.Check(MaxDeliveriesUnordered, MaxDeliveriesUnordered >= 1, "at least 1");
        OptionRange.Check(AttemptsPerDelivery, AttemptsPerDelivery >= 1, "at least 1");
        OptionRange.Check(GiveUpAge, GiveUpAge > TimeSpan.Zero, "more than 0");
        OptionRange.Check(FirstPause, FirstPause >= TimeSpan.Zero, "0 or more");
        OptionRange.Check(FirstRedeliveryPause, FirstRedeliveryPause >= TimeSpan.Zero, "0 or more");
        OptionRange.Check(LongestRedeliveryPause, LongestRedeliveryPause >= FirstRedeliveryPause, $"at least {nameof(FirstRedeliveryPause)}");
        OptionRange.Check(InboxTimeToLive, InboxTimeToLive >= TimeSpan.FromSeconds(1), "at least 1 second");
        return this;
    }
}
