using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Pipeline.Local.Hosting.Rpc;

namespace Pipeline.Local.Hosting;

/// <summary>Keeps an app's process running: starts it, loads its functions, starts it again when it ends, and ends it with the host.</summary>
/// <param name="app">The app.</param>
/// <param name="server">Where the process connects.</param>
/// <param name="environment">What it finds in its environment besides ours; asked at every start.</param>
/// <param name="logs">Where it and this log.</param>
internal sealed class AppWorker(AppFolder app, RpcServer server, Func<IEnumerable<KeyValuePair<string, string>>> environment, ILoggerFactory logs)
    : IAsyncDisposable
{
    private const string HttpUriCapability = "HttpUri";
    private const string NullableValuesCapability = "UseNullableValueDictionaryForHttp";
    private const string HostVersion = "4.1040.0";

    private static readonly TimeSpan _startPatience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan _endPatience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan _longestPause = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan _connectPause = TimeSpan.FromMilliseconds(20);

    private readonly ILogger _log = logs.CreateLogger<AppWorker>();
    private readonly ILogger _console = logs.CreateLogger("Host.Function.Console");
    private readonly WorkerLogs _workerLogs = new(logs);
    private readonly CancellationTokenSource _stopping = new();
    private IReadOnlyList<WorkerFunction> _functions = [];
    private Task _supervising = Task.CompletedTask;
    private RunningWorker? _current;
    private volatile TaskCompletionSource<RunningWorker> _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Waits until the process runs, which it may not do for a moment after it has ended.</summary>
    public Task<RunningWorker> ReadyAsync(CancellationToken cancellationToken) => _ready.Task.WaitAsync(cancellationToken);

    /// <summary>Starts the process and asks it for its functions; which of them are to run is then up to <paramref name="select"/>.</summary>
    /// <exception cref="StartupException">The app does not start, or cannot load its functions.</exception>
    public async Task StartAsync(Func<IReadOnlyList<RpcFunctionMetadata>, IReadOnlyList<WorkerFunction>> select, CancellationToken cancellationToken)
    {
        var running = await LaunchAsync(
            async link => _functions = select(await MetadataAsync(link)), cancellationToken);
        _current = running;
        _ready.SetResult(running);
        _supervising = Task.Run(() => SuperviseAsync(running), CancellationToken.None);
    }

    /// <summary>Ends the process, so that it is started again: one of its functions has taken too long.</summary>
    public void Restart(string function)
    {
        var current = _ready;
        if (!current.Task.IsCompletedSuccessfully || _stopping.IsCancellationRequested)
            return;
        var running = current.Task.Result;
        Hold(running.Link);
        _log.LogError("{Function} has taken too long: the app's process {Process} is ended and started again, as in Azure.", function, running.Process.Id);
        running.Process.Kill();
    }

    public async ValueTask DisposeAsync()
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
        if (current.Task.IsCompletedSuccessfully && current.Task.Result.Link == ending)
        {
            Interlocked.CompareExchange(
                ref _ready, new TaskCompletionSource<RunningWorker>(TaskCreationOptions.RunContinuationsAsynchronously), current);
        }
    }

    private async Task SuperviseAsync(RunningWorker running)
    {
        try
        {
            while (true)
            {
                await running.Ended.WaitAsync(_stopping.Token);
                Hold(running.Link);
                var code = await KillAsync(running.Process, running.Link);
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

    private async Task<RunningWorker> LaunchAgainAsync()
    {
        for (var pause = TimeSpan.Zero; ; pause = pause == TimeSpan.Zero ? TimeSpan.FromSeconds(1) : TimeSpan.FromTicks(Math.Min(pause.Ticks * 2, _longestPause.Ticks)))
        {
            // Real time, as everything about a process.
            await Task.Delay(pause, TimeProvider.System, _stopping.Token);
            try
            {
                var running = await LaunchAsync(_ => Task.CompletedTask, _stopping.Token);
                _log.LogInformation("The app runs again, as process {Process}.", running.Process.Id);
                return running;
            }
            catch (StartupException error)
            {
                _log.LogError("The app could not be started again, which is tried on: {Problem}", error.Message);
            }
        }
    }

    private async Task<RunningWorker> LaunchAsync(Func<WorkerLink, Task> ask, CancellationToken cancellationToken)
    {
        var link = server.Expect(_workerLogs.Write, Hold);
        var process = WorkerProcess.Start(app, server.Address, link.WorkerId, environment(), _console);
        try
        {
            await Task.WhenAny(link.Connected, process.Ended).WaitAsync(_startPatience, cancellationToken);
            if (!link.Connected.IsCompleted)
                throw EndedBefore("it connected to the host", await process.Ended, process);
            var init = await InitializeAsync(link).WaitAsync(_startPatience, cancellationToken);
            await ask(link).WaitAsync(_startPatience, cancellationToken);
            await LoadAsync(link).WaitAsync(_startPatience, cancellationToken);
            var http = init.Capabilities.TryGetValue(HttpUriCapability, out var address) ? new Uri(address) : null;
            if (http is not null)
                await ListensAsync(http, process, cancellationToken);
            return new RunningWorker(process, link, http, init.Capabilities.ContainsKey(NullableValuesCapability));
        }
        catch (Exception error)
        {
            var code = await KillAsync(process, link);
            throw error switch
            {
                WorkerLostException => EndedBefore("its functions were loaded", code, process, error),
                TimeoutException => new StartupException(string.Create(CultureInfo.InvariantCulture,
                    $"{app.Assembly} did not start within {_startPatience.TotalSeconds:0} seconds.\n{process.Output}"), error),
                _ => error,
            };
        }
    }

    private async Task<WorkerInitResponse> InitializeAsync(WorkerLink link)
    {
        var request = new WorkerInitRequest { HostVersion = HostVersion, WorkerDirectory = app.Output, FunctionAppDirectory = app.Output };
        request.Capabilities["MultiStream"] = "10";
        var response = (await link.AskAsync(new StreamingMessage { WorkerInitRequest = request })).WorkerInitResponse;
        return response.Result?.Status == StatusResult.Types.Status.Success
            ? response
            : throw new StartupException($"The app refuses to start: {FunctionFailedException.Of(response.Result).Message}");
    }

    private async Task<IReadOnlyList<RpcFunctionMetadata>> MetadataAsync(WorkerLink link)
    {
        var answer = await link.AskAsync(new StreamingMessage { FunctionsMetadataRequest = new FunctionsMetadataRequest { FunctionAppDirectory = app.Output } });
        var response = answer.FunctionMetadataResponse;
        if (response.Result is { } result && result.Status != StatusResult.Types.Status.Success)
            throw new StartupException($"The app cannot say which functions it has: {FunctionFailedException.Of(result).Message}");
        return response.UseDefaultMetadataIndexing
            ? throw new StartupException($"{app.Assembly} leaves it to the host to find its functions: only apps of the .NET isolated worker are hosted.")
            : response.FunctionMetadataResults;
    }

    private async Task LoadAsync(WorkerLink link)
    {
        var responses = await Task.WhenAll(_functions.Select(function => link.AskAsync(new StreamingMessage { FunctionLoadRequest = function.ToLoadRequest(app.Output) })));
        var problems = responses.Zip(_functions)
            .Where(pair => pair.First.FunctionLoadResponse.Result?.Status != StatusResult.Types.Status.Success)
            .Select(pair => $"{pair.Second.Name}: {FunctionFailedException.Of(pair.First.FunctionLoadResponse.Result).Message}")
            .ToList();
        if (problems.Count > 0)
            throw new StartupException("The app cannot load its functions:\n  " + string.Join("\n  ", problems));
    }

    /// <summary>The functions are loaded before the app's own web server listens.</summary>
    private async Task ListensAsync(Uri http, WorkerProcess process, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(_startPatience);
        while (true)
        {
            using var client = new TcpClient();
            try
            {
                await client.ConnectAsync(http.Host, http.Port, patience.Token);
                return;
            }
            catch (SocketException) when (!process.Ended.IsCompleted)
            {
                await Task.Delay(_connectPause, TimeProvider.System, patience.Token);
            }
            catch (SocketException error)
            {
                throw EndedBefore($"it listened on {http}", await process.Ended, process, error);
            }
            catch (OperationCanceledException error) when (!cancellationToken.IsCancellationRequested)
            {
                throw new StartupException($"{app.Assembly} said that it serves HTTP on {http}, and does not.", error);
            }
        }
    }

    private StartupException EndedBefore(string what, int code, WorkerProcess process, Exception? cause = null) =>
        new(string.Create(CultureInfo.InvariantCulture, $"{app.Assembly} ended with code {code} before {what}.\n{process.Output}"), cause);

    private async Task EndAsync(RunningWorker running)
    {
        running.Link.Terminate(_endPatience);
        await Task.WhenAny(running.Process.Ended, Task.Delay(_endPatience, TimeProvider.System));
        await KillAsync(running.Process, running.Link);
    }

    private async Task<int> KillAsync(WorkerProcess process, WorkerLink link)
    {
        process.Kill();
        server.Forget(link);
        var code = await process.Ended;
        process.Dispose();
        return code;
    }
}
