using System.Text.Json;

namespace Pipeline.Local.Hosting;

/// <summary>Runs of timer functions.</summary>
internal static class TimerInvocations
{
    private static readonly Dictionary<string, bool> _schedule = new(StringComparer.Ordinal) { ["AdjustForDST"] = true };

    /// <param name="function">What runs.</param>
    /// <param name="status">What is known of the schedule; <see langword="null"/>: it is not monitored.</param>
    /// <param name="isPastDue">Whether the run comes later than it was due.</param>
    /// <param name="retry">Which retry it is.</param>
    /// <param name="cancellation">As of every invocation.</param>
    public static Invocation Of(HostedFunction function, TimerStatus? status, bool isPastDue, RetryAttempt? retry, CancellationToken cancellation)
    {
        var json = JsonSerializer.Serialize(new { Schedule = _schedule, ScheduleStatus = status, IsPastDue = isPastDue });
        return new JsonInvocation(function, json, isPastDue ? "timer, past due" : "timer", cancellation) { Retry = retry };
    }
}
