using Pipeline.Failures;

namespace Pipeline.Outbox;

/// <summary>How the relay publishes.</summary>
public sealed record RelayOptions
{
    /// <summary>Attempts to send before a partition is left to the sweep. Default 4, at least 1.</summary>
    public int SendAttempts { get; init; } = 4;

    /// <summary>Partitions that are dispatched at the same time. Default 16, at least 1.</summary>
    public int Parallelism { get; init; } = 16;

    /// <summary>Only records at least this old are looked for by the sweep; younger ones are the feed's. Default 10 s.</summary>
    public TimeSpan SweepAge { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Age after which a replay's message that had no outcome is sent again. Default 1 minute.</summary>
    public TimeSpan ReplayResendAge { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How long one request to Event Grid may take before it counts as failed. Default 3 s.</summary>
    public TimeSpan EventGridTimeout { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>
    /// How long the feed leaves Event Grid alone after a request that failed, or took more than a third of
    /// <see cref="EventGridTimeout"/>; the sweep continues trying. Default 30 s.
    /// </summary>
    public TimeSpan EventGridCooldown { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long one sweep continues publishing to Event Grid before it leaves the rest to the next. Default 5 s.</summary>
    public TimeSpan EventGridSweepBudget { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long it is kept that an event which no consumer gets was published. Default 30 days, as long as inbox records
    /// (<see cref="Consumers.ConsumerOptions.InboxTimeToLive"/>); at least 1 s.
    /// </summary>
    public TimeSpan UnconsumedTimeToLive { get; init; } = TimeSpan.FromDays(30);

    /// <summary>Records read at a time from one partition. Default 50, at least 1.</summary>
    public int DispatchPageSize { get; init; } = 50;

    /// <summary>Checks all values.</summary>
    /// <exception cref="ArgumentOutOfRangeException">One is out of its range.</exception>
    internal RelayOptions Checked()
    {
        OptionRange.Check(SendAttempts, SendAttempts >= 1, "at least 1");
        OptionRange.Check(Parallelism, Parallelism >= 1, "at least 1");
        OptionRange.Check(SweepAge, SweepAge >= TimeSpan.Zero, "0 or more");
        OptionRange.Check(ReplayResendAge, ReplayResendAge > TimeSpan.Zero, "more than 0");
        OptionRange.Check(EventGridTimeout, EventGridTimeout > TimeSpan.Zero, "more than 0");
        OptionRange.Check(EventGridCooldown, EventGridCooldown >= TimeSpan.Zero, "0 or more");
        OptionRange.Check(EventGridSweepBudget, EventGridSweepBudget >= TimeSpan.Zero, "0 or more");
        OptionRange.Check(UnconsumedTimeToLive, UnconsumedTimeToLive >= TimeSpan.FromSeconds(1), "at least 1 second");
        OptionRange.Check(DispatchPageSize, DispatchPageSize >= 1, "at least 1");
        return this;
    }
}
