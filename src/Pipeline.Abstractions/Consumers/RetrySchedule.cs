namespace Pipeline.Consumers;

/// <summary>
/// When a message that failed in a way that is transient is tried again, after the quick retries of its delivery: it is stored
/// as a dead letter meanwhile, and no instance waits for it. Full jitter: each pause is random between 0 and a bound that
/// grows. The default is 16 retries, the last one after 87 minutes at most, and after three quarters of an hour on average.
/// </summary>
public sealed record RetrySchedule
{
    internal const string AttemptsRange = "0 to 1000";
    internal const string PauseRange = "more than 0, at most a day";
    internal const string FactorRange = "1 to 100";

    private readonly int _attempts = 16;
    private readonly TimeSpan _first = TimeSpan.FromSeconds(2);
    private readonly double _factor = 2;
    private readonly TimeSpan _longest = TimeSpan.FromMinutes(10);

    /// <summary>No delayed retries: what fails is delivered again by the broker, and is a dead letter after <see cref="ConsumerOptions.MaxDeliveries"/>.</summary>
    public static RetrySchedule None { get; } = new() { Attempts = 0 };

    /// <summary>Delayed retries before the message stays as a dead letter. Default 16; 0 to 1000, 0 for none.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is out of range.</exception>
    public int Attempts
    {
        get => _attempts;
        init => _attempts = value is >= 0 and <= 1000 ? value : throw Unusable(nameof(Attempts), value, AttemptsRange);
    }

    /// <summary>Bound of the pause before the first delayed retry. Default 2 s; above 0, at most a day.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is out of range.</exception>
    public TimeSpan First
    {
        get => _first;
        init => _first = IsPause(value) ? value : throw Unusable(nameof(First), value, PauseRange);
    }

    /// <summary>How much longer the bound of each pause is than that of the one before. Default 2; 1 to 100.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is out of range.</exception>
    public double Factor
    {
        get => _factor;
        init => _factor = value is >= 1 and <= 100 ? value : throw Unusable(nameof(Factor), value, FactorRange);
    }

    /// <summary>Bound of every pause. Default 10 minutes; above 0, at most a day.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is out of range.</exception>
    public TimeSpan Longest
    {
        get => _longest;
        init => _longest = IsPause(value) ? value : throw Unusable(nameof(Longest), value, PauseRange);
    }

    /// <summary>The bound of the pause before a delayed retry; the first is number 1.</summary>
    internal TimeSpan BoundOf(int retry) =>
        TimeSpan.FromTicks((long)Math.Min(Longest.Ticks, First.Ticks * Math.Pow(Factor, Math.Max(0, retry - 1))));

    private static bool IsPause(TimeSpan pause) => pause > TimeSpan.Zero && pause <= TimeSpan.FromDays(1);

    private static ArgumentOutOfRangeException Unusable(string name, object value, string range) =>
        new(name, value, $"A retry schedule's {name} is {range}; use {nameof(RetrySchedule)}.{nameof(None)} for no delayed retries.");
}
