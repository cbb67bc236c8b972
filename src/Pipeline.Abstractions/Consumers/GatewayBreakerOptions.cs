using Pipeline.Failures;

namespace Pipeline.Consumers;

/// <summary>When a gateway is taken for unavailable. Its breaker counts on one instance only; the instances do not know of each other's.</summary>
public sealed record GatewayBreakerOptions
{
    /// <summary>
    /// Share of failed calls that opens the breaker. Default 0.8, above 0 and at most 1: one broken article of many is no
    /// outage, and must not hold up the others.
    /// </summary>
    public double FailureRatio { get; set; } = 0.8;

    /// <summary>Calls within <see cref="SamplingDuration"/> below which nothing is concluded. Default 20, at least 2.</summary>
    public int MinimumThroughput { get; set; } = 20;

    /// <summary>How far back calls count. Default 30 s, from 0.5 s to a day.</summary>
    public TimeSpan SamplingDuration { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long the breaker stays open before one call may try. Default 15 s, from 0.5 s to a day.</summary>
    public TimeSpan BreakDuration { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// Bound of the random time that a message waits beyond that. It starts with <see cref="BreakDuration"/> and doubles
    /// each time that the message finds the breaker open, so that many that wait do not come all at once. Default 5 minutes, 0 or more.
    /// </summary>
    public TimeSpan LongestSpread { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>The ranges of all values.</summary>
    internal static IReadOnlyList<OptionRule<GatewayBreakerOptions>> Rules { get; } =
    [
        new(nameof(FailureRatio), "more than 0, at most 1", o => o.FailureRatio, o => o.FailureRatio is > 0 and <= 1),
        new(nameof(MinimumThroughput), "at least 2", o => o.MinimumThroughput, o => o.MinimumThroughput >= 2),
        new(nameof(SamplingDuration), "0.5 seconds to 1 day", o => o.SamplingDuration, o => IsHalfASecondToADay(o.SamplingDuration)),
        new(nameof(BreakDuration), "0.5 seconds to 1 day", o => o.BreakDuration, o => IsHalfASecondToADay(o.BreakDuration)),
        new(nameof(LongestSpread), "0 or more", o => o.LongestSpread, o => o.LongestSpread >= TimeSpan.Zero),
    ];

    /// <summary>Checks all values.</summary>
    /// <exception cref="ArgumentOutOfRangeException">One is out of its range.</exception>
    internal GatewayBreakerOptions Checked() => OptionRule<GatewayBreakerOptions>.Check(this, Rules);

    private static bool IsHalfASecondToADay(TimeSpan duration) => duration >= TimeSpan.FromSeconds(0.5) && duration <= TimeSpan.FromDays(1);
}
