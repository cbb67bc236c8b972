using Pipeline.Local.Hosting.Rpc;

namespace Pipeline.Local.Hosting;

/// <summary>What a host and a worker say to each other before the first invocation.</summary>
internal sealed class WorkerHandshake(AppFolder app)
{
    private const string HttpUriCapability = "HttpUri";
    private const string NullableValuesCapability = "UseNullableValueDictionaryForHttp";
    private const string HostVersion = "4.1040.0";

    /// <summary>How long a start may take, at each of its steps.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private IReadOnlyList<HostedFunction> _functions = [];

    /// <param name="link">The connection.</param>
    /// <param name="select">Chooses of the app's functions those to load; <see langword="null"/>: those of the time before.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="StartupException">The app refuses, or a function cannot be loaded.</exception>
    /// <exception cref="TimeoutException">The app does not answer.</exception>
    public async Task<RunningWorker> RunAsync(
        WorkerLink link, Func<IReadOnlyList<RpcFunctionMetadata>, IReadOnlyList<HostedFunction>>? select, CancellationToken cancellationToken)
    {
        var worker = await InitializeAsync(link).WaitAsync(Patience, cancellationToken);
        if (select is not null)
            _functions = select(await MetadataAsync(link).WaitAsync(Patience, cancellationToken));
        await LoadAsync(link, _functions).WaitAsync(Patience, cancellationToken);
        return worker;
    }

    private async Task<RunningWorker> InitializeAsync(WorkerLink link)
    {
        var request = new WorkerInitRequest { HostVersion = HostVersion, WorkerDirectory = app.Output, FunctionAppDirectory = app.Output };
        request.Capabilities["MultiStream"] = "10";
        var response = (await link.AskAsync(new StreamingMessage { WorkerInitRequest = request })).WorkerInitResponse;
        if (response.Result?.Status != StatusResult.Types.Status.Success)
            throw new StartupException($"The app refuses to start: {FunctionFailedException.Of(response.Result).Message}");
        var http = response.Capabilities.TryGetValue(HttpUriCapability, out var address) ? new Uri(address) : null;
        return new RunningWorker(link, http, response.Capabilities.ContainsKey(NullableValuesCapability));
    }

    /// <summary>Asks the app which functions it has.</summary>
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

    private async Task LoadAsync(WorkerLink link, IReadOnlyList<HostedFunction> functions)
    {
        var responses = await Task.WhenAll(functions.Select(function => link.AskAsync(new StreamingMessage { FunctionLoadRequest = function.ToLoadRequest(app.Output) })));
        var problems = responses.Zip(functions)
            .Where(pair => pair.First.FunctionLoadResponse.Result?.Status != StatusResult.Types.Status.Success)
            .Select(pair => $"{pair.Second.Name}: {FunctionFailedException.Of(pair.First.FunctionLoadResponse.Result).Message}")
            .ToList();
        if (problems.Count > 0)
            throw new StartupException("The app cannot load its functions:\n  " + string.Join("\n  ", problems));
    }
}
