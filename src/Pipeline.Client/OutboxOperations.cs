namespace Pipeline.Client;

/// <summary>Outbox messages that the relay cannot publish. Every failure is a <see cref="PipelineClientException"/>.</summary>
public sealed class OutboxOperations
{
    private readonly PipelineClient client;

    internal OutboxOperations(PipelineClient client) => this.client = client;

    /// <summary>Lists quarantined outbox messages.</summary>
    /// <param name="retry">Repeats a page that failed for a transient reason; <see langword="null"/> for no retries.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    public IAsyncEnumerable<QuarantinedMessageSummary> ListQuarantinedAsync(TransientRetry? retry = null, CancellationToken cancellationToken = default) =>
        client.ItemsAsync("api/outbox/quarantined", PipelineJson.Default.PageQuarantinedMessageSummary, retry, cancellationToken);

    /// <summary>Has the relay publish a message again, and what waits behind it.</summary>
    /// <param name="container">Its container.</param>
    /// <param name="partition">Its partition.</param>
    /// <param name="number">Its number.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    public Task ReleaseAsync(string container, string partition, long number, CancellationToken cancellationToken = default) =>
        client.SendAsync(HttpMethod.Post, PathOf(container, partition, number, "release"), cancellationToken);

    /// <summary>Discards a message for good: it is never sent, and what waits behind it continues.</summary>
    /// <param name="container">Its container.</param>
    /// <param name="partition">Its partition.</param>
    /// <param name="number">Its number.</param>
    /// <param name="reason">The reason; it is stored.</param>
    /// <param name="by">Who discards it; it is stored.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    public Task DiscardAsync(string container, string partition, long number, string reason, string by, CancellationToken cancellationToken = default) =>
        client.PostAsync(PathOf(container, partition, number, "discard"), new DiscardRequest(reason, by), PipelineJson.Default.DiscardRequest, cancellationToken);

    /// <summary>Releases one step of a group.</summary>
    /// <param name="request">The group.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    public Task<ReleasedGroup> ReleaseGroupAsync(ReleaseGroupRequest request, CancellationToken cancellationToken = default) =>
        client.PostAsync("api/outbox/quarantined/release", request, PipelineJson.Default.ReleaseGroupRequest, PipelineJson.Default.ReleasedGroup, cancellationToken);

    private static string PathOf(string container, string partition, long number, string action) =>
        PipelineClient.Path("outbox", "quarantined", container, partition, number.ToString(CultureInfo.InvariantCulture), action);
}
