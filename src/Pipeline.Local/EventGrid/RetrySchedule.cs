namespace Pipeline.Local.EventGrid;

/// <summary>How long Event Grid waits between attempts.</summary>
/// <param name="timeScale">Divides every time span; 1 = as in Azure.</param>
/// <param name="random">Spreads the waits. Used under the topic's lock only.</param>
internal sealed class RetrySchedule(double timeScale, Random random)
{
    private readonly double _timeScale = timeScale > 0 ? timeScale : throw new ArgumentOutOfRangeException(nameof(timeScale), timeScale, "Above 0.");

    /// <summary>The longest that a webhook's <c>Retry-After</c> is followed, and the wait after all others.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromHours(12);

    private static readonly TimeSpan DeadLetterWait = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan LongestHandshakeWait = TimeSpan.FromMinutes(5);
    private const double Jitter = 0.1;

    private static readonly TimeSpan[] Waits =
    [
        TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(10),
        TimeSpan.FromMinutes(30), TimeSpan.FromHours(1), TimeSpan.FromHours(3), TimeSpan.FromHours(6), Longest,
    ];

    /// <summary>From a failed attempt to the next: the schedule's wait and up to a tenth more.</summary>
    /// <param name="failedAttempts">1 or more.</param>
    /// <param name="retryAfter">The webhook's own wish, if it had one: the wait is not shorter, within what the schedule knows.</param>
    public TimeSpan AfterFailure(int failedAttempts, TimeSpan? retryAfter = null)
    {
        var wait = Waits[Math.Min(failedAttempts, Waits.Length) - 1];
        if (retryAfter is { } wish && wish > wait)
            wait = wish < Longest ? wish : Longest;
        return Scaled(wait * (1 + (Jitter * random.NextDouble())));
    }

    /// <summary>From a failed handshake to the next.</summary>
    public TimeSpan AfterFailedHandshake(int failedAttempts)
    {
        var wait = Waits[Math.Min(failedAttempts, Waits.Length) - 1];
        return Scaled(wait < LongestHandshakeWait ? wait : LongestHandshakeWait);
    }

    /// <summary>From the last attempt to the dead letter's blob.</summary>
    public TimeSpan BeforeDeadLettering => Scaled(DeadLetterWait);

    /// <summary>From a dead letter that could not be written to the next try.</summary>
    public TimeSpan AfterFailedDeadLettering(int failures) => AfterFailedHandshake(failures);

    public TimeSpan Scaled(TimeSpan span) => span / _timeScale;
}
