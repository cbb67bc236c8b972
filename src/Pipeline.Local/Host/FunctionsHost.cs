using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Hosting;

namespace Pipeline.Local.Hosting;

/// <summary>The running app. Says in one line where it is, and in one line why it cannot start.</summary>
internal sealed class FunctionsHost : IHost, IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly LocalSettings _settings;
    private bool _cannotStart;

    public FunctionsHost(WebApplication app, LocalSettings settings, bool saysReady)
    {
        _app = app;
        _settings = settings;
        if (!saysReady)
            return;
        app.Lifetime.ApplicationStarted.Register(SayReady);
        app.Lifetime.ApplicationStopping.Register(() => HostConsole.WriteLine(
            string.Create(CultureInfo.InvariantCulture,
                $"Pipeline is stopping: what runs has up to {Shutdown.Patience.TotalSeconds:0} seconds to end.")));
    }

    public IServiceProvider Services => _app.Services;

    public async Task StartAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            await _app.StartAsync(cancellationToken);
        }
        catch (IOException error) when (error.InnerException is AddressInUseException)
        {
            (string Name, int Port)[] ports =
            [
                (LocalSettings.CosmosPortName, _settings.CosmosPort),
                (LocalSettings.EventGridPortName, _settings.EventGridPort),
                (LocalSettings.HttpPortName, _settings.HttpPort),
            ];
            var (name, port) = ports.FirstOrDefault(p => error.Message.Contains(string.Create(CultureInfo.InvariantCulture, $":{p.Port}:"), StringComparison.Ordinal), ports[^1]);
            _cannotStart = true;
            throw PortInUse(name, port, error);
        }
        catch (Exception error) when (error is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            _cannotStart = true;
            if (error is not StartupException)
                StartupException.IsWhy(error);
            throw;
        }
    }

    public static StartupException PortInUse(string setting, int port, Exception cause) =>
        new(string.Create(CultureInfo.InvariantCulture,
            $"Port {port} is in use. Stop what uses it, or set {setting} to another port: --{setting} {port + 1}"), cause);

    public Task StopAsync(CancellationToken cancellationToken = default) => _app.StopAsync(cancellationToken);

    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();

    public async ValueTask DisposeAsync()
    {
        try
        {
            await _app.DisposeAsync();
        }
        catch (Exception error) when (_cannotStart)
        {
            // Why it could not start is what has to be known; an exception of the clean-up would take its place.
            HostConsole.WriteLine($"warning: What was started already could not be cleaned up: {error.GetType().Name}: {error.Message}");
        }
    }

    private void SayReady()
    {
        var address = this.HttpAddress();
        HostConsole.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Listening on http://127.0.0.1:{address.Port}"));
        HostConsole.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Pipeline is ready on http://localhost:{address.Port}"));
    }
}
