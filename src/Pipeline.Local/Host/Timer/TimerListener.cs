using Pipeline.Local.Testing;

namespace Pipeline.Local.Hosting;

/// <summary>
/// Waits for each occurrence of a schedule and runs the function, never twice at a time, on one host of the app at a time. Where
/// the schedule is monitored, one run that was missed while no host was up is made up for at once.
/// </summary>
internal sealed class TimerListener(HostedFunction function, TimerFunctionTrigger trigger, ListenerServices services) : ITriggerListener
{
    // A timer cannot wait longer than about 49 days; what is due later is waited for in steps.
    private static readonly TimeSpan _longestWait = TimeSpan.FromDays(30);

    private Task _running = Task.CompletedTask;
    private Work? _work;
    private IDisposable? _turn;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        var started = UtcNow();
        _work = services.Watch.Begin(function.Name, "runs on its schedule");
        _running = Task.Run(() => LoopAsync(started), CancellationToken.None);
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _running.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // Not waited for any longer; its own token is set by now.
            _turn?.Dispose();
        }
    }

    private async Task LoopAsync(DateTime started)
    {
        var stopping = services.Shutdown.Stopping;
        Work.Current = _work;
        try
        {
            // Where it is had at once it is not said to wait: a clock that is moved by hand could move on before the first time is known.
            var turn = services.Timers.AcquireAsync(function.Name, stopping);
            using (turn.IsCompleted ? default : _work?.WaitFor(new Wait(WaitKind.Slot, "waits while another host runs it")))
                _turn = await turn;
            var due = await StartedAsync(Later(started, UtcNow()));
            while (true)
            {
                await WaitUntilAsync(due, stopping);
                var next = trigger.NextAfter(due);
                await RunAsync(next, UtcNow() - due > TimeSpan.FromSeconds(1));
                Keep(due, next);
                due = trigger.NextAfter(Later(due, UtcNow()));
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The host stops.
        }
        finally
        {
            _turn?.Dispose();
            _work?.Dispose();
        }
    }

    /// <summary>Runs what is to run at once. Returns the next occurrence.</summary>
    private async Task<DateTime> StartedAsync(DateTime now)
    {
        var next = trigger.NextAfter(now);
        if (trigger.IsMonitored && IsPastDue(now))
        {
            await RunAsync(next, isPastDue: true);
            Keep(now, next);
            return trigger.NextAfter(Later(now, UtcNow()));
        }

        if (!trigger.RunOnStartup)
            return next;
        await RunAsync(next, isPastDue: false);
        return trigger.NextAfter(now);
    }

    /// <summary>
    /// Whether an occurrence passed while no host was up. As in Azure, that is known only after a first run, and forgotten with
    /// a change of the schedule.
    /// </summary>
    private bool IsPastDue(DateTime now)
    {
        if (services.Timers.StatusOf(function.Name) is { } status && status.Last != default && status.Next == trigger.NextAfter(status.Last))
            return now > status.Next;
        services.Timers.Keep(function.Name, new TimerStatus { Next = trigger.NextAfter(now), LastUpdated = now });
        return false;
    }

    private void Keep(DateTime last, DateTime next)
    {
        // A host that has crashed could not.
        if (trigger.IsMonitored && !services.Watch.IsCrashed)
            services.Timers.Keep(function.Name, new TimerStatus { Last = last, Next = next, LastUpdated = last });
    }

    private async Task WaitUntilAsync(DateTime due, CancellationToken stopping)
    {
        using var waiting = _work?.WaitFor(new Wait(WaitKind.Time, "is due", new DateTimeOffset(due, TimeSpan.Zero)));
        for (var wait = due - UtcNow(); wait > TimeSpan.Zero; wait = due - UtcNow())
            await Task.Delay(wait < _longestWait ? wait : _longestWait, services.Time, stopping);
        stopping.ThrowIfCancellationRequested();
    }

    private Task<bool> RunAsync(DateTime next, bool isPastDue)
    {
        var last = trigger.IsMonitored ? services.Timers.StatusOf(function.Name) : null;
        var status = trigger.IsMonitored
            ? new TimerStatus { Last = last?.Last ?? default, Next = next, LastUpdated = last?.LastUpdated ?? default }
            : null;
        return services.Runner.RunWithRetriesAsync(
            function,
            retry => TimerInvocations.Of(function, status, isPastDue, retry, services.Shutdown.Cancelled),
            services.Shutdown.Cancelled,
            _work);
    }

    private DateTime UtcNow() => services.Time.GetUtcNow().UtcDateTime;

    private static DateTime Later(DateTime a, DateTime b) => a > b ? a : b;
}
