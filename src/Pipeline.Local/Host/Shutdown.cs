namespace Pipeline.Local.Hosting;

/// <summary>
/// The stages of an orderly end: accept nothing new, then ask what still runs to give up, then wait no longer.
/// </summary>
internal sealed class Shutdown : IDisposable
{
    /// <summary>How long running invocations are left alone.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    /// <summary>How long the host waits for running invocations in all.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly CancellationTokenSource _stopping = new();
    private readonly CancellationTokenSource _cancelled = new();
    private ITimer? _timer;

    /// <summary>Set when nothing new is to be accepted.</summary>
    public CancellationToken Stopping => _stopping.Token;

    /// <summary>Set when the grace period is over: every invocation's token.</summary>
    public CancellationToken Cancelled => _cancelled.Token;

    public void Begin()
    {
        // Real time: a process that is told to end cannot wait for a simulated clock.
        _timer ??= TimeProvider.System.CreateTimer(_ => _cancelled.Cancel(), null, Grace, Timeout.InfiniteTimeSpan);
        _stopping.Cancel();
    }

    /// <summary>Both stages at once.</summary>
    public void Abort()
    {
        _stopping.Cancel();
        _cancelled.Cancel();
    }

    public void Dispose()
    {
        _timer?.Dispose();
        _stopping.Dispose();
        _cancelled.Dispose();
    }
}
