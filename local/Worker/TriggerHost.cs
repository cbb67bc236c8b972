using System.Diagnostics;
using Microsoft.Extensions.Hosting;

namespace Pipeline.Local.Worker;

/// <summary>Starts and stops what triggers the functions.</summary>
internal sealed class TriggerHost(FunctionList functions, ListenerServices services, Shutdown shutdown)
    : IHostedLifecycleService, IAsyncDisposable
{
    private readonly List<ITriggerListener> _listeners = [];
    private Task _stopping = Task.CompletedTask;

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        // Whatever is traced while the host starts is no parent of what the functions do later.
        Activity.Current = null;
        _listeners.AddRange(functions.All.Select(f => f.Trigger.Listen(f, services)).OfType<ITriggerListener>());
        await Task.WhenAll(_listeners.Select(listener => Task.Run(() => listener.StartAsync(cancellationToken), cancellationToken)));
    }

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Called before anything else stops, the HTTP server included: all of them end side by side.</summary>
    public Task StoppingAsync(CancellationToken cancellationToken)
    {
        shutdown.Begin();
        _stopping = Task.WhenAll(_listeners.Select(listener => Task.Run(() => listener.StopAsync(cancellationToken), CancellationToken.None)));
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => _stopping;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Ends what an orderly stop has not: the host could not start, or was disposed of while it ran.</summary>
    public async ValueTask DisposeAsync()
    {
        if (shutdown.Stopping.IsCancellationRequested)
            return;
        shutdown.Abort();
        await Task.WhenAll(_listeners.Select(listener => listener.StopAsync(new CancellationToken(canceled: true))));
    }
}

/// <summary>The functions that this host runs.</summary>
internal sealed record FunctionList(IReadOnlyList<HostedFunction> All);
