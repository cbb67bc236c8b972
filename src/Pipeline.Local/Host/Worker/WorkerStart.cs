using System.Diagnostics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Pipeline.Local.Hosting;

/// <summary>Starts the app's worker once the embedded services can be reached, before the triggers; ends it after them.</summary>
internal sealed class WorkerStart(IServiceProvider services, ILoggerFactory logs) : IHostedLifecycleService, IAsyncDisposable
{
    private RpcServer? _server;
    private AppWorker? _worker;

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Called when the server listens.</summary>
    public async Task StartedAsync(CancellationToken cancellationToken)
    {
        Activity.Current = null;
        var app = services.GetRequiredService<AppFolder>();
        var configuration = services.GetRequiredService<IConfiguration>();
        var settlements = services.GetRequiredService<Settlements>();
        _server = await RpcServer.StartAsync(settlements, logs, cancellationToken);
        _worker = services.GetRequiredService<WorkerFactory>()(_server);

        var functions = services.GetRequiredService<FunctionList>();
        var kinds = new TriggerKinds(configuration, services.GetRequiredService<HostJson>());
        var chosen = new WorkerFunctions(configuration, services.GetRequiredService<LocalSettings>(), kinds, logs.CreateLogger<WorkerFunctions>());
        await _worker.StartAsync(all => functions.All = chosen.Select(app, all), cancellationToken);

        if (functions.All.Any(f => f.Trigger is HttpFunctionTrigger) && (await _worker.ReadyAsync(cancellationToken)).HttpUri is not null)
            services.GetRequiredService<HostJson>().CheckPrefix(Path.Combine(app.Output, HostJson.FileName));

        var runner = services.GetRequiredService<FunctionRunner>();
        runner.Calls = new WorkerCalls(_worker, settlements, services.GetRequiredService<HttpForwarding>());
        var shutdown = services.GetRequiredService<Shutdown>();
        services.GetRequiredService<LateEndpoints>().Set(services, routes => HttpEndpoints.Map(routes, functions.All, runner, shutdown));
    }

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Called when nothing triggers any more and the server has stopped.</summary>
    public Task StoppedAsync(CancellationToken cancellationToken) => DisposeAsync().AsTask();

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _worker, null) is { } worker)
            await worker.DisposeAsync();
        if (Interlocked.Exchange(ref _server, null) is { } server)
            await server.DisposeAsync();
    }
}
