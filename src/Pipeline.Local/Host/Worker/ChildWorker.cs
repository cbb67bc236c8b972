using Microsoft.Extensions.Logging;
using Pipeline.Local.Hosting.Rpc;

namespace Pipeline.Local.Hosting;

/// <summary>
/// An app in a process of its own: keeps that running, which is to load its functions, to start it again when it ends, and to end it with
/// the host.
/// </summary>
/// <param name="app">The app.</param>
/// <param name="server">Where the process connects.</param>
/// <param name="environment">What it finds in its environment besides ours; asked at every start.</param>
/// <param name="logs">Where it and this log.</param>
internal sealed class ChildWorker(AppFolder app, RpcServer server, Func<IEnumerable<KeyValuePair<string, string>>> environment, ILoggerFactory logs)
    : AppWorker
{
    private static readonly TimeSpan _endPatience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan _longestPause = TimeSpan.FromSeconds(30);

    private readonly ILogger _log = logs.CreateLogger<ChildWorker>();
    private readonly ILogger _console = logs.CreateLogger("Host.Function.Console");
    private readonly WorkerLogs _workerLogs = new(logs);
    private readonly CancellationTokenSource _stopping = new();
    private readonly WorkerHandshake _handshake = new(app);
    private Task _supervising = Task.CompletedTask;
    private Life? _current;
    private volatile TaskCompletionSource<Life> _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Waits until the process runs, which it may not do for a moment after it has ended.</summary>
    public override async Task<RunningWorker> ReadyAsync(CancellationToken cancellationToken) => (await _ready.Task.WaitAsync(cancellationToken)).Worker;

    public override async Task StartAsync(Func<IReadOnlyList<RpcFunctionMetadata>, IReadOnlyList<HostedFunction>> select, CancellationToken cancellationToken)
    {
        var running = await LaunchAsync(select, cancellationToken);
        _current = running;
        _ready.SetResult(running);
        _supervising = Task.Run(() => SuperviseAsync(running), CancellationToken.None);
    }

    /// <summary>Ends the process, so that it is started again.</summary>
    public override void TimedOut(string function)
    {
        var current = _ready;
        if (!current.Task.IsCompletedSuccessfully || _stopping.IsCancellationRequested)
            return;
        var running = current.Task.Result;
        Hold(running.Worker.Link);
        _log.LogError("{Function} has taken too long: the app's process {Process} is ended and started again, as in Azure.", function, running.Process.Id);
        running.Process.Kill();
    }

    public override async ValueTask DisposeAsync()
    {
        if (_stopping.IsCancellationRequested)
            return;
        await _stopping.CancelAsync();
        await _supervising;
        if (_current is { } running)
            await EndAsync(running);
        _stopping.Dispose();
    }

    /// <summary>What comes from now on waits for the next process: nothing is given to one that ends, where it would fail.</summary>
    private void Hold(WorkerLink ending)
    {
        var current = _ready;
        if (current.Task.IsCompletedSuccessfully && current.Task.Result.Worker.Link == ending)
        {
            Interlocked.CompareExchange(
                ref _ready, new TaskCompletionSource<Life>(TaskCreationOptions.RunContinuationsAsynchronously), current);
        }
    }

    private async Task SuperviseAsync(Life running)
    {
        try
        {
            while (true)
            {
                await running.Ended.WaitAsync(_stopping.Token);
                Hold(running.Worker.Link);
                var code = await KillAsync(running.Process, running.Worker.Link);
                _log.LogError("The app's process {Process} has ended (exit code {Code}). It is started again.", running.Process.Id, code);
                _current = null;
                _current = running = await LaunchAgainAsync();
                _ready.SetResult(running);
            }
        }
        catch (OperationCanceledException)
        {
            // The host stops.
        }
    }

    private async Task<Life> LaunchAgainAsync()
    {
        for (var pause = TimeSpan.Zero; ; pause = pause == TimeSpan.Zero ? TimeSpan.FromSeconds(1) : TimeSpan.FromTicks(Math.Min(pause.Ticks * 2, _longestPause.Ticks)))
        {
            // Real time, as everything about a process.
            await Task.Delay(pause, TimeProvider.System, _stopping.Token);
            try
            {
                var running = await LaunchAsync(select: null, _stopping.Token);
                _log.LogInformation("The app runs again, as process {Process}.", running.Process.Id);
                return running;
            }
            catch (StartupException error)
            {
                _log.LogError("The app could not be started again, which is tried on: {Problem}", error.Message);
            }
        }
    }

    private async Task<Life> LaunchAsync(Func<IReadOnlyList<RpcFunctionMetadata>, IReadOnlyList<HostedFunction>>? select, CancellationToken cancellationToken)
    {
        var link = server.Expect(_workerLogs.Write, Hold);
        var process = WorkerProcess.Start(app, server.Address, link.WorkerId, environment(), _console);
        try
        {
            await Task.WhenAny(link.Connected, process.Ended).WaitAsync(WorkerHandshake.Patience, cancellationToken);
            if (!link.Connected.IsCompleted)
                throw EndedBefore("it connected to the host", await process.Ended, process);
            var worker = await _handshake.RunAsync(link, select, cancellationToken);
            if (worker.HttpUri is not null && !await AppServer.ListensAsync(app, worker.HttpUri, process.Ended, WorkerHandshake.Patience, cancellationToken))
                throw EndedBefore($"it listened on {worker.HttpUri}", await process.Ended, process);
            return new Life(process, worker);
        }
        catch (Exception error)
        {
            var code = await KillAsync(process, link);
            throw error switch
            {
                WorkerLostException => EndedBefore("its functions were loaded", code, process, error),
                TimeoutException => new StartupException(string.Create(CultureInfo.InvariantCulture,
                    $"{app.Assembly} did not start within {WorkerHandshake.Patience.TotalSeconds:0} seconds.\n{process.Output}"), error),
                _ => error,
            };
        }
    }

    private StartupException EndedBefore(string what, int code, WorkerProcess process, Exception? cause = null) =>
        new(string.Create(CultureInfo.InvariantCulture, $"{app.Assembly} ended with code {code} before {what}.\n{process.Output}"), cause);

    private async Task EndAsync(Life running)
    {
        running.Worker.Link.Terminate(_endPatience);
        await Task.WhenAny(running.Process.Ended, Task.Delay(_endPatience, TimeProvider.System));
        await KillAsync(running.Process, running.Worker.Link);
    }

    private async Task<int> KillAsync(WorkerProcess process, WorkerLink link)
    {
        process.Kill();
        server.Forget(link);
        var code = await process.Ended;
        process.Dispose();
        return code;
    }

    /// <summary>One life of the process: connected, with its functions loaded.</summary>
    private sealed record Life(WorkerProcess Process, RunningWorker Worker)
    {
        /// <summary>Completes when it has ended, in whatever way.</summary>
        public Task Ended => Task.WhenAny(Process.Ended, Worker.Link.Lost);
    }
}
