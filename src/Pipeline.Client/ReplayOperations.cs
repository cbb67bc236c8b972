namespace Pipeline.Client;

/// <summary>Replays, which send dead letters again to the consumer that could not handle them. Every failure is a <see cref="PipelineClientException"/>.</summary>
public sealed class ReplayOperations
{
    private readonly PipelineClient client;

    internal ReplayOperations(PipelineClient client) => this.client = client;

    /// <summary>Plans a replay, and starts it if the request says so.</summary>
    /// <param name="request">What to replay, and how.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    public Task<ReplaySummary> PlanAsync(PlanReplayRequest request, CancellationToken cancellationToken = default) =>
        client.PostAsync("api/replays", request, PipelineJson.Default.PlanReplayRequest, PipelineJson.Default.ReplaySummary, cancellationToken);

    /// <summary>Lists the replays of the last 90 days, in no order.</summary>
    /// <param name="retry">Repeats a page that failed for a transient reason; <see langword="null"/> for no retries.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    public IAsyncEnumerable<ReplaySummary> ListAsync(TransientRetry? retry = null, CancellationToken cancellationToken = default) =>
        client.ItemsAsync("api/replays?limit=500", PipelineJson.Default.PageReplaySummary, retry, cancellationToken);

    /// <summary>Gets a replay.</summary>
    /// <param name="replayId">Its id.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    public Task<ReplaySummary> GetAsync(string replayId, CancellationToken cancellationToken = default) =>
        client.GetAsync(PipelineClient.Path("replays", replayId), PipelineJson.Default.ReplaySummary, cancellationToken);

    /// <summary>Lists the subjects of a replay, and how far each is.</summary>
    /// <param name="replayId">The replay.</param>
    /// <param name="retry">Repeats a page that failed for a transient reason; <see langword="null"/> for no retries.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    public IAsyncEnumerable<ReplaySubject> ListSubjectsAsync(string replayId, TransientRetry? retry = null, CancellationToken cancellationToken = default) =>
        client.ItemsAsync(PipelineClient.Path("replays", replayId, "subjects") + "?limit=500", PipelineJson.Default.PageReplaySubject, retry, cancellationToken);

    /// <summary>Gets what applying a replay would do with some of its subjects. Changes nothing.</summary>
    /// <param name="replayId">The replay.</param>
    /// <param name="limit">The most subjects of the page; <see langword="null"/> for the pipeline's default.</param>
    /// <param name="steps">The most messages to try of a subject; <see langword="null"/> for the pipeline's default.</param>
    /// <param name="continuation">The continuation of the page before; <see langword="null"/> for the first one.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    public Task<Page<PlannedDryRun>> DryRunAsync(
        string replayId, int? limit = null, int? steps = null, string? continuation = null, CancellationToken cancellationToken = default) =>
        client.PostAsync(
            new QueryText(PipelineClient.Path("replays", replayId, "dry-run")).Add("limit", limit).Add("steps", steps).Add("continuation", continuation).ToString(),
            PipelineJson.Default.PagePlannedDryRun,
            cancellationToken);

    /// <summary>Starts a planned replay. Repeated, it returns how far it is.</summary>
    /// <param name="replayId">The replay.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    public Task<ReplaySummary> ApplyAsync(string replayId, CancellationToken cancellationToken = default) =>
        client.PostAsync(PipelineClient.Path("replays", replayId, "apply"), PipelineJson.Default.ReplaySummary, cancellationToken);

    /// <summary>Stops a replay: it sends nothing more; messages in the broker are still handled.</summary>
    /// <param name="replayId">The replay.</param>
    /// <param name="by">Who stops it; it is stored.</param>
    /// <param name="why">The reason; it is stored.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    public Task<ReplaySummary> StopAsync(string replayId, string by, string? why = null, CancellationToken cancellationToken = default) =>
        client.PostAsync(
            PipelineClient.Path("replays", replayId, "stop"), new StopReplayRequest(by, why), PipelineJson.Default.StopReplayRequest, PipelineJson.Default.ReplaySummary, cancellationToken);
}
