using Pipeline.Failures;

namespace Pipeline.Outbox;

/// <summary>How the relay publishes.</summary>
public sealed record RelayOptions
{
    /// <summary>Attempts to send before a partition is left to the sweep. Default 4, at least 1.</summary>
    public int SendAttempts { get; set; } = 4;

    /// <summary>Partitions that are dispatched at the same time. Default 16, at least 1.</summary>
    public int Parallelism { get; set; } = 16;

    /// <summary>Only records at least this old are looked for by the sweep; younger ones are the feed's. Default 10 s, 0 or more.</summary>
    public TimeSpan SweepAge { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Age after which a replay's message that had no outcome is sent again. Default 1 minute, more than 0.</summary>
    public TimeSpan ReplayResendAge { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How long one request to Event Grid may take before it counts as failed. Default 3 s, more than 0.</summary>
    public TimeSpan EventGridTimeout { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>
    /// How long the feed leaves Event Grid alone after a request that failed, or took more than a third of
    /// <see cref="EventGridTimeout"/>; the sweep continues trying. Default 30 s, 0 or more.
    /// </summary>
    public TimeSpan EventGridCooldown { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long one sweep continues publishing to Event Grid before it leaves the rest to the next. Default 5 s, 0 or more.</summary>
    public TimeSpan EventGridSweepBudget { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long it is kept that an event which no consumer gets was published. Default 30 days, as long as inbox records
    /// (<see cref="Consumers.ConsumerOptions.InboxTimeToLive"/>); at least 1 s.
    /// </summary>
    public TimeSpan UnconsumedTimeToLive { get; set; } = TimeSpan.FromDays(30);

    /// <summary>Records read at a time from one partition. Default 50, at least 1.</summary>
    public int DispatchPageSize { get; set; } = 50;

    /// <summary>The ranges of all values.</summary>
    internal static IReadOnlyList<OptionRule<RelayOptions>> Rules { get; } =
    [
        new(nameof(SendAttempts), "at least 1", o => o.SendAttempts, o => o.SendAttempts >= 1),
        new(nameof(Parallelism), "at least 1", o => o.Parallelism, o => o.Parallelism >= 1),
        new(nameof(SweepAge), "0 or more", o => o.SweepAge, o => o.SweepAge >= TimeSpan.Zero),
        new(nameof(ReplayResendAge), "more than 0", o => o.ReplayResendAge, o => o.ReplayResendAge > TimeSpan.Zero),
        new(nameof(EventGridTimeout), "more than 0", o => o.EventGridTimeout, o => o.EventGridTimeout > TimeSpan.Zero),
        new(nameof(EventGridCooldown), "0 or more", o => o.EventGridCooldown, o => o.EventGridCooldown >= TimeSpan.Zero),
        new(nameof(EventGridSweepBudget), "0 or more", o => o.EventGridSweepBudget, o => o.EventGridSweepBudget >= TimeSpan.Zero),
        new(nameof(UnconsumedTimeToLive), "at least 1 second", o => o.UnconsumedTimeToLive, o => o.UnconsumedTimeToLive >= TimeSpan.FromSeconds(1)),
        new(nameof(DispatchPageSize), "at least 1", o => o.DispatchPageSize, o => o.DispatchPageSize >= 1),
    ];

    /// <summary>Checks all values.</summary>
    /// <exception cref="ArgumentOutOfRangeException">One is out of its range.</exception>
    internal RelayOptions Checked() => OptionRule<RelayOptions>.Check(this, Rules);
}
