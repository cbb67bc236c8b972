namespace Pipeline.Local.Testing;

/// <summary>
/// Time that stands still until it is moved, and that fires the timers it passes in the order of their times. A
/// <see cref="PipelineHost"/> on it is moved by <see cref="PipelineHost.AdvanceAsync"/>, which also awaits what the time sets
/// going; to move it past that, by <see cref="Advance"/>, is for code without a host.
/// </summary>
public sealed class ManualTimeProvider : TimeProvider
{
    private readonly Lock _gate = new();
    private readonly SortedSet<ManualTimer> _armed = new(Comparer<ManualTimer>.Create(static (a, b) =>
        a.DueTicks != b.DueTicks ? a.DueTicks.CompareTo(b.DueTicks) : a.Number.CompareTo(b.Number)));

    private readonly DateTimeOffset _start;
    private long _elapsedTicks;
    private long _timers;
    private int _callbacks;

    /// <summary>Creates a clock.</summary>
    /// <param name="start">What it shows at first. Default: midnight of January 1st, 2026, UTC.</param>
    public ManualTimeProvider(DateTimeOffset? start = null) =>
        _start = (start ?? new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero)).ToUniversalTime();

    /// <inheritdoc/>
    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    /// <inheritdoc/>
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <summary>How many timers are armed.</summary>
    public int ArmedTimers
    {
        get
        {
            lock (_gate)
                return _armed.Count;
        }
    }

    /// <summary>When the next timer is due; <see langword="null"/> if none is armed.</summary>
    public DateTimeOffset? NextDue
    {
        get
        {
            lock (_gate)
                return _armed.Min is { } next ? _start.AddTicks(next.DueTicks) : null;
        }
    }

    /// <summary>Whether a timer that was due at once has yet to run.</summary>
    internal bool HasCallbacksUnderWay => Volatile.Read(ref _callbacks) > 0;

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow()
    {
        lock (_gate)
            return _start.AddTicks(_elapsedTicks);
    }

    /// <inheritdoc/>
    public override long GetTimestamp()
    {
        lock (_gate)
            return _elapsedTicks;
    }

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ArgumentNullException.ThrowIfNull(callback);

        // A delay is somebody's pause; other timers, such as those of timeouts, run beside what they watch.
        var owner = Work.Current is { } work && state is Task && state.GetType().Name.StartsWith("DelayPromise", StringComparison.Ordinal) ? work : null;
        var timer = new ManualTimer(this, Interlocked.Increment(ref _timers), callback, state, owner);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Moves the time on. Callbacks run on the calling thread and see the time at which they were due.</summary>
    /// <param name="by">How far; not negative.</param>
    public void Advance(TimeSpan by)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(by, TimeSpan.Zero);
        long until;
        lock (_gate)
            until = _elapsedTicks + by.Ticks;
        while (TakeDueOrArrive(until) is { } timer)
            timer.Fire();
    }

    /// <summary>Moves the time to <paramref name="time"/> if that is later than now.</summary>
    internal void AdvanceTo(DateTimeOffset time)
    {
        var by = time - GetUtcNow();
        Advance(by > TimeSpan.Zero ? by : TimeSpan.Zero);
    }

    /// <summary>Both under one lock: a timer armed in between would be due in the past and never fire.</summary>
    private ManualTimer? TakeDueOrArrive(long until)
    {
        lock (_gate)
        {
            if (_armed.Min is not { } next || next.DueTicks > until)
            {
                _elapsedTicks = Math.Max(_elapsedTicks, until);
                return null;
            }

            _elapsedTicks = Math.Max(_elapsedTicks, next.DueTicks);
            _armed.Remove(next);
            next.IsArmed = false;
            if (next.PeriodTicks > 0)
                Arm(next, next.DueTicks + next.PeriodTicks);
            return next;
        }
    }

    private void Arm(ManualTimer timer, long dueTicks)
    {
        timer.DueTicks = dueTicks;
        timer.IsArmed = _armed.Add(timer);
    }

    private void Disarm(ManualTimer timer)
    {
        if (timer.IsArmed)
            _armed.Remove(timer);
        timer.IsArmed = false;
    }

    private sealed class ManualTimer(ManualTimeProvider clock, long number, TimerCallback callback, object? state, Work? owner) : ITimer
    {
        public long Number => number;
        public long DueTicks { get; set; }
        public long PeriodTicks { get; private set; }
        public bool IsArmed { get; set; }

        public void Fire()
        {
            owner?.Resume(this);
            callback(state);
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            if (dueTime == TimeSpan.Zero)
            {
                FireSoon();
                dueTime = period > TimeSpan.Zero ? period : Timeout.InfiniteTimeSpan;
            }

            lock (clock._gate)
            {
                clock.Disarm(this);
                PeriodTicks = period > TimeSpan.Zero ? period.Ticks : 0;
                if (dueTime == Timeout.InfiniteTimeSpan)
                    return true;
                clock.Arm(this, clock._elapsedTicks + dueTime.Ticks);
                owner?.Pause(this, clock._start.AddTicks(DueTicks));
            }

            return true;
        }

        public void Dispose()
        {
            lock (clock._gate)
                clock.Disarm(this);
            owner?.Resume(this);
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        /// <summary>As the system's timers do, but never inside the call that arms it.</summary>
        private void FireSoon()
        {
            Interlocked.Increment(ref clock._callbacks);
            ThreadPool.QueueUserWorkItem(static timer =>
            {
                try
                {
                    timer.Fire();
                }
                finally
                {
                    timer.Ended();
                }
            }, this, preferLocal: false);
        }

        private void Ended() => Interlocked.Decrement(ref clock._callbacks);
    }
}
