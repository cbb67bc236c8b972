using System.Diagnostics;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Pipeline.Local.Hosting;

/// <summary>Starts and stops what triggers the functions.</summary>
internal sealed class TriggerHost(
    FunctionList functions, ListenerServices services, Shutdown shutdown, LocalPlatform platform, IServer server, LocalSettings settings,
    ILogger<TriggerHost> log)
    : IHostedLifecycleService, IAsyncDisposable
{
    private readonly List<ITriggerListener> _listeners = [];
    private IDisposable? _registration;

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Called when the HTTP server listens: now events can be delivered to it, and functions may call their own app.</summary>
    public async Task StartedAsync(CancellationToken cancellationToken)
    {
        // Whatever is traced while the host starts is no parent of what the functions do later.
        Activity.Current = null;
        _listeners.AddRange(functions.All.Select(f => f.Trigger.Listen(f, services)).OfType<ITriggerListener>());
        await Task.WhenAll(_listeners.Select(listener => Task.Run(() => listener.StartAsync(cancellationToken), cancellationToken)));
        var names = functions.All.Where(f => f.Trigger is EventGridFunctionTrigger).Select(f => f.Name).ToList();
        if (names.Count > 0 && server.Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault() is { } address)
        {
            var key = settings.EnforceKeys ? "?code=" + Uri.EscapeDataString(platform.SystemKey) : "";
            _registration = platform.EventGrid.Register(new Uri(address + key), names);
        }
    }

    /// <summary>Called before anything else stops: the HTTP server serves until the functions that may call it have ended.</summary>
    public Task StoppingAsync(CancellationToken cancellationToken)
    {
        // Before the server stops, so that no event goes out to it and fails.
        _registration?.Dispose();
        shutdown.Begin();
        return Task.WhenAll(_listeners.Select(listener => Task.Run(() => listener.StopAsync(cancellationToken), CancellationToken.None)));
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Ends what an orderly stop has not: the host could not start, or was disposed of while it ran.</summary>
    public async ValueTask DisposeAsync()
    {
        if (shutdown.Stopping.IsCancellationRequested)
            return;
        _registration?.Dispose();
        shutdown.Abort();
        await Task.WhenAll(_listeners.Select(AbortAsync));
    }

    /// <summary>Never fails: the host ends, and the reason for that must not be hidden by what goes wrong on the way.</summary>
    private async Task AbortAsync(ITriggerListener listener)
    {
        try
        {
            await listener.StopAsync(new CancellationToken(canceled: true));
        }
        catch (Exception error)
        {
            log.LogWarning(error, "A trigger could not be stopped.");
        }
    }
}
