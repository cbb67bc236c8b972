using Microsoft.Extensions.Logging;
using Pipeline.Local.ServiceBus;

namespace Pipeline.Local.Hosting;

/// <summary>Renews a lock shortly before it runs out, for a limited time. Costs one timer while nothing is due.</summary>
internal sealed class LockRenewal : IDisposable
{
    private static readonly TimeSpan _longestMargin = TimeSpan.FromSeconds(10);

    private readonly TimeProvider _time;
    private readonly Func<DateTimeOffset> _lockedUntil;
    private readonly Func<Task> _renew;
    private readonly DateTimeOffset _end;
    private readonly ILogger _log;
    private readonly ITimer _timer;
    private volatile bool _disposed;

    private LockRenewal(TimeProvider time, TimeSpan duration, Func<DateTimeOffset> lockedUntil, Func<Task> renew, ILogger log)
    {
        _time = time;
        _lockedUntil = lockedUntil;
        _renew = renew;
        _log = log;
        _end = time.GetUtcNow() + duration;
        _timer = time.CreateTimer(static state => _ = ((LockRenewal)state!).RenewAsync(), this, Wait(), Timeout.InfiniteTimeSpan);
    }

    /// <summary>Starts renewing; <see langword="null"/> if the duration is zero, which switches renewal off.</summary>
    public static LockRenewal? Start(
        TimeProvider time, TimeSpan duration, Func<DateTimeOffset> lockedUntil, Func<Task> renew, ILogger log) =>
        duration == TimeSpan.Zero ? null : new LockRenewal(time, duration, lockedUntil, renew, log);

    public void Dispose()
    {
        _disposed = true;
        _timer.Dispose();
    }

    private TimeSpan Wait()
    {
        var left = _lockedUntil() - _time.GetUtcNow();
        var margin = left / 2 < _longestMargin ? left / 2 : _longestMargin;
        return left - margin > TimeSpan.Zero ? left - margin : TimeSpan.Zero;
    }

    private async Task RenewAsync()
    {
        if (_disposed || _time.GetUtcNow() >= _end)
            return;
        try
        {
            await _renew();
            if (!_disposed)
                _timer.Change(Wait(), Timeout.InfiniteTimeSpan);
        }
        catch (BrokerException error)
        {
            // Settled or closed meanwhile, or lost: then settling says so to the one who needs to know.
            if (!_disposed)
                _log.LogDebug(error, "A lock could not be renewed.");
        }
    }
}
