using Microsoft.Azure.Functions.Worker;
using Pipeline.Local.Testing;

namespace Pipeline.Local.Worker;

/// <summary>Waits for each occurrence of a schedule and runs the function, never twice at a time.</summary>
internal sealed class TimerListener(HostedFunction function, TimerFunctionTrigger trigger, ListenerServices services) : ITriggerListener
{
    // A timer cannot wait longer than about 49 days; what is due later is waited for in steps.
    private static readonly TimeSpan _longestWait = TimeSpan.FromDays(30);

    private Task _running = Task.CompletedTask;
    private Work? _work;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        var started = services.Time.GetUtcNow().UtcDateTime;
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
        }
    }

    private async Task LoopAsync(DateTime started)
    {
        var stopping = services.Shutdown.Stopping;
        var last = default(DateTime);
        Work.Current = _work;
        try
        {
            if (trigger.RunOnStartup)
                await RunAsync(last, trigger.NextAfter(started), isPastDue: false);
            for (var due = trigger.NextAfter(started); ; due = trigger.NextAfter(Later(due, UtcNow())))
            {
                await WaitUntilAsync(due, stopping);
                await RunAsync(last, trigger.NextAfter(due), UtcNow() - due > TimeSpan.FromSeconds(1));
                last = due;
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The host stops.
        }
        finally
        {
            _work?.Dispose();
        }
    }

    private async Task WaitUntilAsync(DateTime due, CancellationToken stopping)
    {
        using var waiting = _work?.WaitFor(new Wait(WaitKind.Time, "is due", new DateTimeOffset(due, TimeSpan.Zero)));
        for (var wait = due - UtcNow(); wait > TimeSpan.Zero; wait = due - UtcNow())
            await Task.Delay(wait < _longestWait ? wait : _longestWait, services.Time, stopping);
        stopping.ThrowIfCancellationRequested();
    }

    private Task<bool> RunAsync(DateTime last, DateTime next, bool isPastDue)
    {
        var status = new ScheduleStatus { Last = last, Next = next, LastUpdated = last };
        return services.Runner.RunWithRetriesAsync(
            function,
            retry => new Invocation(
                function, new TimerInfo { ScheduleStatus = status, IsPastDue = isPastDue }, services.Shutdown.Cancelled)
            {
                Retry = retry,
            },
            services.Shutdown.Cancelled,
            _work);
    }

    private DateTime UtcNow() => services.Time.GetUtcNow().UtcDateTime;

    private static DateTime Later(DateTime a, DateTime b) => a > b ? a : b;
}
