using System.Diagnostics;

namespace Pipeline.Tests;

/// <summary>Time that stands still until a test advances it.</summary>
internal sealed class BrokerClock : TimeProvider
{
    private readonly Lock _gate = new();
    private readonly List<ManualTimer> _timers = [];
    private DateTimeOffset _now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public override DateTimeOffset GetUtcNow()
    {
        lock (_gate)
            return _now;
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ManualTimer(this, () => callback(state));
        timer.Change(dueTime, period);
        lock (_gate)
            _timers.Add(timer);
        return timer;
    }

    /// <summary>Moves time on, stopping at every timer that is due on the way.</summary>
    public void Advance(TimeSpan by)
    {
        var end = GetUtcNow() + by;
        while (true)
        {
            ManualTimer? next;
            lock (_gate)
            {
                next = _timers.Where(t => t.Due <= end).MinBy(t => t.Due);
                _now = next is null ? end : next.Due > _now ? next.Due.Value : _now;
                if (next is not null)
                    next.Due = null;
            }

            if (next is null)
                return;
            next.Callback();
        }
    }

    /// <summary>Waits until a timer is set for a time.</summary>
    public async Task WaitForTimerAsync(DateTimeOffset due)
    {
        for (var started = Stopwatch.GetTimestamp(); !IsSetFor(due); await Task.Delay(5))
            Assert.True(Stopwatch.GetElapsedTime(started) < TimeSpan.FromMinutes(2), $"No timer is set for {due:O}.");
    }

    private bool IsSetFor(DateTimeOffset due)
    {
        lock (_gate)
            return _timers.Exists(t => t.Due == due);
    }

    /// <summary>How many timers are set; an idle broker has at most one.</summary>
    public int ArmedTimers
    {
        get
        {
            lock (_gate)
                return _timers.Count(t => t.Due is not null);
        }
    }

    /// <summary>When the next timer is due; <see langword="null"/> if none is set.</summary>
    public DateTimeOffset? NextDue
    {
        get
        {
            lock (_gate)
                return _timers.Min(t => t.Due);
        }
    }

    private sealed class ManualTimer(BrokerClock clock, Action callback) : ITimer
    {
        public DateTimeOffset? Due { get; set; }

        public Action Callback => callback;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (clock._gate)
                Due = dueTime == Timeout.InfiniteTimeSpan ? null : clock._now + dueTime;
            return true;
        }

        public void Dispose()
        {
            lock (clock._gate)
                clock._timers.Remove(this);
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
