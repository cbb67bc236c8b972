using Pipeline.Local.Hosting;

namespace Pipeline.Local.Testing;

/// <content>Waiting, moving the time, running timers.</content>
public sealed partial class PipelineHost
{
    /// <summary>Real time for which nothing may move where an invocation awaits a delay: what it does beside that cannot be told.</summary>
    private static readonly TimeSpan _settling = TimeSpan.FromMilliseconds(30);

    /// <summary>Real time after which it looks again if nothing said that anything changed.</summary>
    private static readonly TimeSpan _lookAgain = TimeSpan.FromMilliseconds(10);

    /// <summary>
    /// Waits until no function runs, every change feed is read, no message can be received, no Event Grid delivery and no request is
    /// under way. What waits for the time is not waited for; it is returned, the next due first.
    /// </summary>
    /// <param name="timeout">In real time. Default: <see cref="PipelineHostOptions.QuietTimeout"/>.</param>
    /// <exception cref="NotQuietException">Something was still busy then; the message names it.</exception>
    public async Task<IReadOnlyList<PendingWork>> WaitUntilQuietAsync(TimeSpan? timeout = null)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        var patience = timeout ?? _options.QuietTimeout;
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var version = _activity.Version;
            var check = QuietCheck.Of(Platform, _activity);
            var change = _activity.ChangeAfter(version);
            if (check.Busy.Count == 0)
            {
                // Looked at one part after the other: what moved meanwhile may have been seen nowhere.
                if (!change.IsCompleted && (!check.HasPauses || await IsStillAsync(change, _settling)))
                    return check.Pending;
            }
            else if (TimeProvider.System.GetElapsedTime(started) > patience)
            {
                throw new NotQuietException(patience, check.Busy);
            }

            await IsStillAsync(change, _lookAgain);
        }
    }

    /// <summary>
    /// Moves the time, and awaits quiet at every moment at which something is due on the way, and at the end.
    /// </summary>
    /// <param name="by">How far; not negative.</param>
    /// <returns>What waits for the time then, the next due first.</returns>
    /// <exception cref="InvalidOperationException">The clock is not a <see cref="ManualTimeProvider"/>.</exception>
    /// <exception cref="NotQuietException">Something did not come to rest; the message names it.</exception>
    public async Task<IReadOnlyList<PendingWork>> AdvanceAsync(TimeSpan by)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        ArgumentOutOfRangeException.ThrowIfLessThan(by, TimeSpan.Zero);
        if (Platform.TimeProvider is not ManualTimeProvider clock)
            throw new InvalidOperationException("The time cannot be moved: set PipelineHostOptions.TimeProvider to a new ManualTimeProvider().");
        var pending = await WaitUntilQuietAsync();
        var end = clock.GetUtcNow() + by;
        while (clock.NextDue is { } due && due <= end)
        {
            clock.AdvanceTo(due);
            pending = await WaitUntilQuietAsync();
        }

        clock.AdvanceTo(end);
        return clock.HasCallbacksUnderWay ? await WaitUntilQuietAsync() : pending;
    }

    /// <summary>Runs a timer function now, beside its schedule, as <c>POST /admin/functions/NAME</c> does in Azure; with its retries.</summary>
    /// <param name="function">Its name.</param>
    /// <returns>Whether it succeeded; how it failed is in <see cref="Invocations()"/>.</returns>
    /// <exception cref="ArgumentException">No host runs a timer function of that name.</exception>
    public async Task<bool> RunTimerAsync(string function)
    {
        ArgumentNullException.ThrowIfNull(function);
        foreach (var host in _hosts)
        {
            if (host.FunctionList.All.FirstOrDefault(f => f.Name.Equals(function, StringComparison.OrdinalIgnoreCase)) is not { } found)
                continue;
            if (found.Trigger is not TimerFunctionTrigger)
                throw new ArgumentException($"{found.Name} is no timer function: it is triggered by {found.Trigger.Description}.", nameof(function));
            using var work = host.App.OfHost<HostWatch>().Begin(found.Name, "runs by hand");
            Work.Current = work;
            var cancelled = host.App.OfHost<Shutdown>().Cancelled;
            return await host.App.OfHost<FunctionRunner>().RunWithRetriesAsync(
                found, retry => TimerInvocations.Of(found, status: null, isPastDue: false, retry, cancelled), cancelled, work);
        }

        var timers = _hosts.SelectMany(h => h.FunctionList.All).Where(f => f.Trigger is TimerFunctionTrigger).Select(f => f.Name).Distinct(StringComparer.Ordinal);
        throw new ArgumentException($"No host runs a function '{function}'. Timer functions: {string.Join(", ", timers)}.", nameof(function));
    }

    /// <summary>Waits until every feed that functions read from now on is read: what is written after it is a change to them.</summary>
    private async Task WaitForFeedsFromNowAsync()
    {
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var change = _activity.ChangeAfter(_activity.Version);
            var (works, feeds) = _activity.Snapshot();
            var missing = feeds.Where(f => f.Feed.IsFromNow)
                .Where(f => f.Parked + works.Count(w => w.Work.Feed == f.Feed) < Platform.Cosmos.PhysicalPartitionsOf(f.Feed.Database, f.Feed.Container))
                .Select(f => $"{f.Feed.Function} begins to read the change feed of {f.Feed.Description}")
                .ToList();
            if (missing.Count == 0)
                return;
            if (TimeProvider.System.GetElapsedTime(started) > _options.QuietTimeout)
                throw new NotQuietException(_options.QuietTimeout, missing);
            await IsStillAsync(change, _lookAgain);
        }
    }

    /// <summary>Whether nothing changes for a while of real time.</summary>
    private static async Task<bool> IsStillAsync(Task change, TimeSpan within)
    {
        try
        {
            await change.WaitAsync(within, TimeProvider.System);
            return false;
        }
        catch (TimeoutException)
        {
            return true;
        }
    }
}
