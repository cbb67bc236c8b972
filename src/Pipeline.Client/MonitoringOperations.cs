namespace Pipeline.Client;

/// <summary>How the pipeline is doing. Every failure is a <see cref="PipelineClientException"/>.</summary>
public sealed class MonitoringOperations
{
    private readonly PipelineClient client;

    internal MonitoringOperations(PipelineClient client) => this.client = client;

    /// <summary>Asks whether the pipeline answers.</summary>
    public Task<Health> GetHealthAsync(CancellationToken cancellationToken = default) =>
        client.GetAsync("api/health", PipelineJson.Default.Health, cancellationToken);

    /// <summary>Gets what is blocked, dead-lettered, quarantined and unpublished, and what waits in the broker.</summary>
    public Task<PipelineStatus> GetStatusAsync(CancellationToken cancellationToken = default) =>
        client.GetAsync("api/status", PipelineJson.Default.PipelineStatus, cancellationToken);

    /// <summary>Gets how much each consumer has handled since the answer before, and how long that took.</summary>
    /// <param name="continuation">The <see cref="ActivityReport.Continuation"/> of the answer before; <see langword="null"/> to begin now.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    public Task<ActivityReport> GetActivityAsync(string? continuation = null, CancellationToken cancellationToken = default) =>
        client.GetAsync(new QueryText("api/activity").Add("continuation", continuation).ToString(), PipelineJson.Default.ActivityReport, cancellationToken);

    /// <summary>Gets one page of the blocked subjects, the oldest first within a container.</summary>
    /// <param name="consumer">Only at this consumer; <see langword="null"/> for all.</param>
    /// <param name="limit">The most items of the page; <see langword="null"/> for the pipeline's default.</param>
    /// <param name="continuation">The continuation of the page before; <see langword="null"/> for the first one.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    public Task<BlockedPage> GetBlockedAsync(string? consumer = null, int? limit = null, string? continuation = null, CancellationToken cancellationToken = default) =>
        client.GetAsync(
            new QueryText("api/blocked").Add("consumer", consumer).Add("limit", limit).Add("continuation", continuation).ToString(),
            PipelineJson.Default.BlockedPage,
            cancellationToken);

    /// <summary>Lists everything that was handled.</summary>
    /// <param name="retry">Repeats a page that failed for a transient reason; <see langword="null"/> for no retries.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    public IAsyncEnumerable<HandledMessageSummary> ListHandledAsync(TransientRetry? retry = null, CancellationToken cancellationToken = default) =>
        client.ItemsAsync("api/handled", PipelineJson.Default.PageHandledMessageSummary, retry, cancellationToken);

    /// <summary>Finds all messages of one conversation and what they caused; <see langword="null"/> if there are none.</summary>
    /// <param name="correlationId">The conversation.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    public Task<FlowDetails?> FindFlowAsync(string correlationId, CancellationToken cancellationToken = default) =>
        client.FindAsync(PipelineClient.Path("flows", correlationId), PipelineJson.Default.FlowDetails, cancellationToken);
}
