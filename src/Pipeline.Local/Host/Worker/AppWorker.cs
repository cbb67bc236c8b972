using Pipeline.Local.Hosting.Rpc;

namespace Pipeline.Local.Hosting;

/// <summary>An app's worker, in this process or in another one.</summary>
internal abstract class AppWorker : IAsyncDisposable
{
    /// <summary>Starts it and asks it for its functions; which of them are to run is then up to <paramref name="select"/>.</summary>
    /// <exception cref="StartupException">The app does not start, or cannot load its functions.</exception>
    public abstract Task StartAsync(Func<IReadOnlyList<RpcFunctionMetadata>, IReadOnlyList<HostedFunction>> select, CancellationToken cancellationToken);

    /// <summary>Waits until it can be called.</summary>
    public abstract Task<RunningWorker> ReadyAsync(CancellationToken cancellationToken);

    /// <summary>One of its functions has taken too long, and was told so.</summary>
    public virtual void TimedOut(string function)
    {
    }

    /// <summary>Ends it.</summary>
    public abstract ValueTask DisposeAsync();
}
