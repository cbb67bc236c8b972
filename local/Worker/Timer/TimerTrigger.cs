using Microsoft.Azure.Functions.Worker.Extensions.Abstractions;

namespace Microsoft.Azure.Functions.Worker;

/// <summary>Runs a function on a schedule.</summary>
/// <param name="schedule">A six-field NCRONTAB expression (UTC), or a <see cref="TimeSpan"/>; may hold <c>%Setting%</c>.</param>
public sealed class TimerTriggerAttribute(string schedule) : TriggerBindingAttribute
{
    /// <summary>The schedule as written.</summary>
    public string Schedule { get; } = schedule;

    /// <summary>
    /// Whether the last run is remembered over restarts, so that one that was missed is made up for. Default <see langword="true"/>;
    /// without effect, that is <see langword="false"/>, for a schedule that occurs more often than once a minute.
    /// </summary>
    public bool UseMonitor { get; set; } = true;

    /// <summary>Whether to run once at startup, besides the schedule.</summary>
    public bool RunOnStartup { get; set; }
}

/// <summary>What a timer-triggered function is told.</summary>
public class TimerInfo
{
    /// <summary>Last and next occurrence; <see langword="null"/> if the schedule is not monitored.</summary>
    public ScheduleStatus? ScheduleStatus { get; set; }

    /// <summary>Whether this run comes later than it was due.</summary>
    public bool IsPastDue { get; set; }
}

/// <summary>Last and next occurrence of a schedule, in UTC.</summary>
public class ScheduleStatus
{
    /// <summary>When the schedule last occurred; <see langword="default"/> if it has not yet.</summary>
    public DateTime Last { get; set; }

    /// <summary>When it occurs next.</summary>
    public DateTime Next { get; set; }

    /// <summary>When this was written.</summary>
    public DateTime LastUpdated { get; set; }
}
