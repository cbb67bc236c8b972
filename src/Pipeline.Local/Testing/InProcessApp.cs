using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Pipeline.Local.Hosting;

namespace Pipeline.Local.Testing;

/// <summary>One instance of an app in this process, under the official worker, with a host of its own.</summary>
internal sealed class InProcessApp : IAsyncDisposable
{
    private static readonly TimeSpan _endPatience = TimeSpan.FromSeconds(5);

    private readonly InProcessAppOptions _options;
    private readonly FunctionsHost _host;
    private IHost? _app;
    private HttpMessageInvoker? _http;
    private bool _isCrashed;
    private bool _disposed;

    /// <exception cref="StartupException">A setting is wrong, or a file is missing.</exception>
    public InProcessApp(InProcessAppOptions options)
    {
        _options = options;
        _host = AppHostComposition.Build(
            AppFolder.Of(options.Assembly.Location),
            configuration =>
            {
                Settings.AddSources(configuration, []);
                if (options.Platform is { } platform)
                    LeadTo(configuration, platform);
                options.Settings(configuration);
            },
            WorkerOf,
            options.Logging,
            options.Platform);
    }

    /// <summary>Where it serves HTTP functions.</summary>
    public Uri Address => _host.HttpAddress();

    /// <summary>The app's services.</summary>
    public IServiceProvider Services => _app?.Services ?? throw new InvalidOperationException("The app has not been started.");

    /// <summary>A service of the host.</summary>
    public T OfHost<T>()
        where T : notnull => _host.Services.GetRequiredService<T>();

    /// <exception cref="StartupException">The functions cannot be hosted.</exception>
    public Task StartAsync() => _host.StartAsync();

    /// <summary>Ends it in order.</summary>
    public Task StopAsync() => _host.StopAsync();

    /// <summary>Ends it as by <c>kill -9</c>: nothing is waited for.</summary>
    public Task CrashAsync()
    {
        _isCrashed = true;
        return _host.StopAsync(new CancellationToken(canceled: true));
    }

    public async ValueTask DisposeAsync()
    {
        if (_disposed)
            return;
        _disposed = true;
        await _host.DisposeAsync();
        await EndAppAsync();
    }

    private WorkerFactory WorkerOf(IServiceProvider services) => server => new SameProcessWorker(
        services.GetRequiredService<AppFolder>(), server, StartAppAsync, EndAppAsync, services.GetRequiredService<ILoggerFactory>())
    {
        Http = () => _http,
    };

    private async Task StartAppAsync(Uri address, string workerId, CancellationToken cancellationToken)
    {
        _app = await AppBuilding.BuildAsync(_options, _host.Services, address, workerId, cancellationToken);
        await StartApartAsync(_app, cancellationToken);
        _http = new HttpMessageInvoker(new TornBodies(((TestServer)_app.Services.GetRequiredService<IServer>()).CreateHandler()));
    }

    /// <summary>Nothing of what runs now is what the app's invocations are a part of.</summary>
    private static Task StartApartAsync(IHost app, CancellationToken cancellationToken)
    {
        using (ExecutionContext.SuppressFlow())
            return Task.Run(() => app.StartAsync(cancellationToken), cancellationToken);
    }

    private async ValueTask EndAppAsync()
    {
        if (Interlocked.Exchange(ref _app, null) is not { } app)
            return;
        using var patience = new CancellationTokenSource(_endPatience);
        try
        {
            await app.StopAsync(_isCrashed ? new CancellationToken(canceled: true) : patience.Token);
        }
        catch (OperationCanceledException)
        {
            // What still runs is not waited for.
        }
        finally
        {
            _http?.Dispose();
            if (app is IAsyncDisposable disposable)
                await disposable.DisposeAsync();
            else
                app.Dispose();
        }
    }

    /// <summary>Points the settings <c>Cosmos</c>, <c>ServiceBus</c>, <c>EventGrid</c> and <c>Blobs</c> at a platform.</summary>
    private static void LeadTo(ConfigurationManager configuration, LocalPlatform platform) =>
        configuration.AddInMemoryCollection(new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["Cosmos"] = platform.CosmosConnectionString,
            ["ServiceBus"] = platform.ServiceBusConnectionString,
            ["Blobs"] = platform.BlobsConnectionString,
            ["EventGrid:topicEndpoint"] = platform.EventGridEndpoint.ToString(),
            ["EventGrid:key"] = platform.EventGridKey,
        });
}
