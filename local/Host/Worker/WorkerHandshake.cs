using Pipeline.Local.Hosting.Rpc;

namespace Pipeline.Local.Hosting;

/// <summary>What a host and a worker say to each other before the first invocation.</summary>
internal sealed class WorkerHandshake(AppFolder app)
{
    private const string HttpUriCapability = "HttpUri";
    private const string NullableValuesCapability = "UseNullableValueDictionaryForHttp";
    private const string HostVersion = "4.1040.0";

    /// <exception cref="StartupException">The app refuses.</exception>
    public async Task<RunningWorker> InitializeAsync(WorkerLink link)
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
    /// <exception cref="StartupException">It cannot say.</exception>
    public async Task<IReadOnlyList<RpcFunctionMetadata>> MetadataAsync(WorkerLink link)
    {
        var answer = await link.AskAsync(new StreamingMessage { FunctionsMetadataRequest = new FunctionsMetadataRequest { FunctionAppDirectory = app.Output } });
        var response = answer.FunctionMetadataResponse;
        if (response.Result is { } result && result.Status != StatusResult.Types.Status.Success)
            throw new StartupException($"The app cannot say which functions it has: {FunctionFailedException.Of(result).Message}");
        return response.UseDefaultMetadataIndexing
            ? throw new StartupException($"{app.Assembly} leaves it to the host to find its functions: only apps of the .NET isolated worker are hosted.")
            : response.FunctionMetadataResults;
    }

    /// <exception cref="StartupException">A function cannot be loaded.</exception>
    public async Task LoadAsync(WorkerLink link, IReadOnlyList<HostedFunction> functions)
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
