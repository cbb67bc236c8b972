using Pipeline.Failures;

namespace Pipeline.Consumers;

/// <summary>How consumers treat failures and duplicates.</summary>
public sealed record ConsumerOptions
{
    /// <summary>When failed messages are tried again, for consumers that declare no schedule of their own (<see cref="Consumer{TState}.Retry"/>).</summary>
    public RetrySchedule Retry { get; set; } = new();

    /// <summary>
    /// Deliveries of a message before it is given up. Default 5, at least 1. The broker's own limit must be higher. What was given
    /// back for a reason that is not the message's own, an outage of Cosmos DB say, does not count. With a
    /// <see cref="RetrySchedule"/> only handlers that kill their process, or never return, get that far.
    /// </summary>
    public int MaxDeliveries { get; set; } = 5;

    /// <summary>
    /// Deliveries of a message to an unordered consumer before it is given up without running the handler. The locks of a batch
    /// are not renewed, so a batch that takes long counts against all its messages; a handler that <em>fails</em> is given up after
    /// <see cref="MaxDeliveries"/>. Default 25, at least 1; the broker's own limit must be higher. Give-backs do not count here either.
    /// </summary>
    public int MaxDeliveriesUnordered { get; set; } = 25;

    /// <summary>
    /// Age of an event from which a failing handler gives it up, where the sender does not say how often it delivered
    /// (Event Grid). Default 1 hour, more than 0, well inside Event Grid's 24. Only without a <see cref="RetrySchedule"/>: with one it waits for a retry at once.
    /// </summary>
    public TimeSpan GiveUpAge { get; set; } = TimeSpan.FromHours(1);

    /// <summary>Attempts in process per delivery, with full jitter between them. Default 3, at least 1.</summary>
    public int AttemptsPerDelivery { get; set; } = 3;

    /// <summary>Bound of the first pause between attempts. Default 50 ms, 0 or more.</summary>
    public TimeSpan FirstPause { get; set; } = TimeSpan.FromMilliseconds(50);

    /// <summary>
    /// Bound of the pause before a failed message is delivered again, the first time; it doubles. Default 500 ms, 0 or more. Only without
    /// a <see cref="RetrySchedule"/>.
    /// </summary>
    public TimeSpan FirstRedeliveryPause { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Bound of every such pause. Default 4 s, at least <see cref="FirstRedeliveryPause"/>. The lock is renewed meanwhile, for <c>maxAutoLockRenewalDuration</c> at most.</summary>
    public TimeSpan LongestRedeliveryPause { get; set; } = TimeSpan.FromSeconds(4);

    /// <summary>
    /// How old a message may be, by its <c>time</c>. Default 30 days, at least 1 s. Older ones are dead letters (<c>Expired</c>), or refused where the
    /// sender can be told. What was handled is remembered for as long as it could come again.
    /// </summary>
    public TimeSpan InboxTimeToLive { get; set; } = TimeSpan.FromDays(30);

    /// <summary>
    /// How far ahead of this clock the <c>time</c> of a message may be. Default 5 minutes; 0 to 1 day. What is further ahead is a dead
    /// letter (<c>DatedAhead</c>), or refused where the sender can be told. Ignored for events with a <c>sequence</c> at consumers that
    /// keep order, whose age does not matter.
    /// </summary>
    public TimeSpan MaxClockSkew { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// How long a delivery waits for Cosmos DB or the payload store before its message is given back, the first time; it doubles
    /// with every give-back, up to <see cref="LongestStoreOutageTimeout"/>. Default 30 s, 0 or more. Without sessions it does not double: the
    /// locks of a batch are not renewed, so it must be well below the lock duration (1 minute).
    /// </summary>
    public TimeSpan StoreOutageTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Bound of that wait. Default 4 minutes, 0 or more, so that the broker's 100 deliveries last for hours. Keep it below host.json's
    /// <c>maxAutoLockRenewalDuration</c> (5 minutes) and <c>functionTimeout</c>; ignored where <see cref="StoreOutageTimeout"/> is longer.
    /// </summary>
    public TimeSpan LongestStoreOutageTimeout { get; set; } = TimeSpan.FromMinutes(4);

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

    /// <summary>The ranges of all values.</summary>
    internal static IReadOnlyList<OptionRule<ConsumerOptions>> Rules { get; } =
    [
        new(nameof(MaxDeliveries), "at least 1", o => o.MaxDeliveries, o => o.MaxDeliveries >= 1),
        new(nameof(MaxDeliveriesUnordered), "at least 1", o => o.MaxDeliveriesUnordered, o => o.MaxDeliveriesUnordered >= 1),
        new(nameof(AttemptsPerDelivery), "at least 1", o => o.AttemptsPerDelivery, o => o.AttemptsPerDelivery >= 1),
        new(nameof(GiveUpAge), "more than 0", o => o.GiveUpAge, o => o.GiveUpAge > TimeSpan.Zero),
        new(nameof(FirstPause), "0 or more", o => o.FirstPause, o => o.FirstPause >= TimeSpan.Zero),
        new(nameof(FirstRedeliveryPause), "0 or more", o => o.FirstRedeliveryPause, o => o.FirstRedeliveryPause >= TimeSpan.Zero),
        new(nameof(LongestRedeliveryPause), $"at least {nameof(FirstRedeliveryPause)}", o => o.LongestRedeliveryPause, o => o.LongestRedeliveryPause >= o.FirstRedeliveryPause),
        new(nameof(InboxTimeToLive), "at least 1 second", o => o.InboxTimeToLive, o => o.InboxTimeToLive >= TimeSpan.FromSeconds(1)),
        new(nameof(MaxClockSkew), "0 to 1 day", o => o.MaxClockSkew, o => o.MaxClockSkew >= TimeSpan.Zero && o.MaxClockSkew <= TimeSpan.FromDays(1)),
        new(nameof(StoreOutageTimeout), "0 or more", o => o.StoreOutageTimeout, o => o.StoreOutageTimeout >= TimeSpan.Zero),
        new(nameof(LongestStoreOutageTimeout), "0 or more", o => o.LongestStoreOutageTimeout, o => o.LongestStoreOutageTimeout >= TimeSpan.Zero),
        new("Retry:Attempts", RetrySchedule.AttemptsRange, o => o.Retry.Attempts, _ => true),
        new("Retry:First", RetrySchedule.PauseRange, o => o.Retry.First, _ => true),
        new("Retry:Factor", RetrySchedule.FactorRange, o => o.Retry.Factor, _ => true),
        new("Retry:Longest", RetrySchedule.PauseRange, o => o.Retry.Longest, _ => true),
    ];

    /// <summary>Checks all values.</summary>
    /// <exception cref="ArgumentOutOfRangeException">One is out of its range.</exception>
    internal ConsumerOptions Checked() => OptionRule<ConsumerOptions>.Check(this, Rules);
}
