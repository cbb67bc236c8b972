using Microsoft.Extensions.Logging;
using Pipeline.Local.Hosting.Rpc;

namespace Pipeline.Local.Hosting;

/// <summary>An app in the host's own process, which speaks to the host over the worker's protocol all the same.</summary>
/// <param name="app">The app.</param>
/// <param name="server">Where it connects.</param>
/// <param name="start">Starts the app, which is to connect to this address under this id.</param>
/// <param name="end">Ends what <paramref name="start"/> has started. Called once, after the app was asked to end.</param>
/// <param name="logs">Where it logs.</param>
internal sealed class SameProcessWorker(
    AppFolder app, RpcServer server, Func<Uri, string, CancellationToken, Task> start, Func<ValueTask> end, ILoggerFactory logs) : AppWorker
{
    private static readonly TimeSpan _endPatience = TimeSpan.FromSeconds(5);

    private readonly WorkerHandshake _handshake = new(app);
    private readonly WorkerLink _link = server.Expect(new WorkerLogs(logs).Write, _ => { });
    private RunningWorker? _running;
    private int _ended;

    /// <summary>Asked, once the app has started, for what sends requests to the app's own server; none: they go over the network.</summary>
    public Func<HttpMessageInvoker?> Http { get; init; } = () => null;

    /// <summary>Whether the app is asked to end when this is disposed of. Default: it is.</summary>
    public Func<bool> AsksToEnd { get; init; } = () => true;

    public override async Task StartAsync(Func<IReadOnlyList<RpcFunctionMetadata>, IReadOnlyList<HostedFunction>> select, CancellationToken cancellationToken)
    {
        try
        {
            await start(server.Address, _link.WorkerId, cancellationToken);
            await _link.Connected.WaitAsync(WorkerHandshake.Patience, cancellationToken);
            var worker = await _handshake.RunAsync(_link, select, cancellationToken);
            var client = Http();
            if (client is null && worker.HttpUri is { } http && !await AppServer.ListensAsync(app, http, _link.Lost, WorkerHandshake.Patience, cancellationToken))
                throw new StartupException($"{app.Assembly} ended before it listened on {http}.");
            _running = worker with { Http = client };
        }
        catch (TimeoutException error)
        {
            throw new StartupException(string.Create(CultureInfo.InvariantCulture, $"{app.Assembly} did not start within {WorkerHandshake.Patience.TotalSeconds:0} seconds."), error);
        }
    }

    public override Task<RunningWorker> ReadyAsync(CancellationToken cancellationToken) =>
        Task.FromResult(_running ?? throw new InvalidOperationException("The app has not been started."));

    public override async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _ended, 1) != 0)
            return;
        if (AsksToEnd())
            _link.Terminate(_endPatience);
        await end();
        server.Forget(_link);
    }
}
