namespace Pipeline.Testing;

/// <summary>
/// The clock of a <see cref="PipelineSimulation"/>. Time stands still until a test moves it, except that a short wait (a pause between
/// retries, a receive) moves it to the wait's end at once: a simulation never sleeps. It begins on 1 January 2026, 00:00 UTC.
/// </summary>
public sealed class SimulationClock : TimeProvider
{
    private static readonly TimeSpan Short = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private readonly List<ManualTimer> _timers = [];
    private DateTimeOffset _now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <inheritdoc/>
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow()
    {
        lock (_lock)
            return _now;
    }

    /// <inheritdoc/>
    public override long GetTimestamp() => GetUtcNow().Ticks;

    /// <summary>Moves the time on. What was due in between is due then.</summary>
    /// <param name="by">How far.</param>
    public void Advance(TimeSpan by) => AdvanceTo(GetUtcNow() + by);

    /// <summary>Moves the time on to <paramref name="time"/>, or not at all if that is past.</summary>
    /// <param name="time">The time.</param>
    public void AdvanceTo(DateTimeOffset time)
    {
        List<ManualTimer> due;
        lock (_lock)
        {
            if (time > _now)
                _now = time;
            due = [.. _timers.Where(t => t.DueAt <= _now)];
            foreach (var timer in due)
                timer.Schedule(Timeout.InfiniteTimeSpan);

            // A long wait that has become short: somebody may wait behind it for less.
            foreach (var timer in _timers)
                timer.EndIfShort();
        }

        foreach (var timer in due)
            timer.Fire();
    }

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ManualTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    private sealed class ManualTimer(SimulationClock owner, TimerCallback callback, object? state) : ITimer
    {
        private readonly SimulationClock clock = owner;

        public DateTimeOffset DueAt { get; private set; } = DateTimeOffset.MaxValue;

        public void Fire() => callback(state);

        private DateTimeOffset _endsShort;

        public void Schedule(TimeSpan dueTime) =>
            DueAt = dueTime == Timeout.InfiniteTimeSpan ? DateTimeOffset.MaxValue : clock._now + dueTime;

        /// <summary>Called under the clock's lock.</summary>
        public void EndIfShort()
        {
            if (DueAt == DateTimeOffset.MaxValue || DueAt - clock._now >= Short || DueAt == _endsShort)
                return;
            _endsShort = DueAt;
            ThreadPool.UnsafeQueueUserWorkItem(static wait => wait.Timer.EndShortWait(wait.DueAt), (Timer: this, DueAt), preferLocal: false);
        }

        /// <summary>Unless the timer was stopped or set anew meanwhile.</summary>
        private void EndShortWait(DateTimeOffset dueAt)
        {
            lock (clock._lock)
            {
                if (DueAt != dueAt || !clock._timers.Contains(this))
                    return;
            }

            clock.AdvanceTo(dueAt);
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (clock._lock)
            {
                Schedule(dueTime);
                if (!clock._timers.Contains(this))
                    clock._timers.Add(this);
                _endsShort = default;
                EndIfShort();
            }

            return true;
        }

        public void Dispose()
        {
            lock (clock._lock)
                clock._timers.Remove(this);
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
