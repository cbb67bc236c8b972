namespace Pipeline.Client;

/// <summary>Dead letters: messages that consumers could not handle. Every failure is a <see cref="PipelineClientException"/>.</summary>
public sealed class DeadLetterOperations
{
    private readonly PipelineClient client;

    internal DeadLetterOperations(PipelineClient client) => this.client = client;

    /// <summary>Lists dead letters.</summary>
    /// <param name="query">Which; <see langword="null"/> for all open ones.</param>
    /// <param name="limit">The most items of a page; <see langword="null"/> for the pipeline's default.</param>
    /// <param name="retry">Repeats a page that failed for a transient reason; <see langword="null"/> for no retries.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    public IAsyncEnumerable<DeadLetterDetails> ListAsync(
        DeadLetterQuery? query = null, int? limit = null, TransientRetry? retry = null, CancellationToken cancellationToken = default) =>
        client.ItemsAsync(
            (query ?? new()).AddTo(new QueryText("api/dead-letters")).Add("limit", limit).ToString(), PipelineJson.Default.PageDeadLetterDetails, retry, cancellationToken);

    /// <summary>Counts dead letters by cause, the largest group first.</summary>
    /// <param name="query">Which; <see langword="null"/> for all open ones.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    public Task<DeadLetterGroupList> GetGroupsAsync(DeadLetterQuery? query = null, CancellationToken cancellationToken = default) =>
        client.GetAsync((query ?? new()).AddTo(new QueryText("api/dead-letters/groups")).ToString(), PipelineJson.Default.DeadLetterGroupList, cancellationToken);

    /// <summary>Gets one dead letter with all details, and what waits behind it.</summary>
    /// <param name="address">Where it is.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    public Task<DeadLetterDetails> GetAsync(DeadLetterAddress address, CancellationToken cancellationToken = default) =>
        client.GetAsync(PathOf(address), PipelineJson.Default.DeadLetterDetails, cancellationToken);

    /// <summary>Discards a dead letter for good: it is never handled, and its subject continues.</summary>
    /// <param name="address">Where it is.</param>
    /// <param name="reason">The reason; it is stored.</param>
    /// <param name="by">Who discards it; it is stored.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    public Task<DeadLetterDetails> DiscardAsync(DeadLetterAddress address, string reason, string by, CancellationToken cancellationToken = default) =>
        client.PostAsync(
            PathOf(address, "discard"), new DiscardRequest(reason, by), PipelineJson.Default.DiscardRequest, PipelineJson.Default.DeadLetterDetails, cancellationToken);

    /// <summary>Discards one step of a group.</summary>
    /// <param name="request">The group as it was seen.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    public Task<GroupDiscard> DiscardGroupAsync(DiscardGroupRequest request, CancellationToken cancellationToken = default) =>
        client.PostAsync("api/dead-letters/discard", request, PipelineJson.Default.DiscardGroupRequest, PipelineJson.Default.GroupDiscard, cancellationToken);

    /// <summary>Gets what a replay of the subject would do, from its blocking dead letter on. Changes nothing.</summary>
    /// <param name="address">The dead letter that blocks the subject.</param>
    /// <param name="steps">The most messages to try; <see langword="null"/> for the pipeline's default.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    public Task<DryRunDetails> DryRunAsync(DeadLetterAddress address, int? steps = null, CancellationToken cancellationToken = default) =>
        client.PostAsync(new QueryText(PathOf(address, "dry-run")).Add("steps", steps).ToString(), PipelineJson.Default.DryRunDetails, cancellationToken);

    /// <summary>Edits the event's data of a dead letter.</summary>
    /// <param name="address">Where it is.</param>
    /// <param name="request">The edit.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    public Task<DeadLetterDetails> EditAsync(DeadLetterAddress address, EditRequest request, CancellationToken cancellationToken = default) =>
        client.PostAsync(PathOf(address, "edit"), request, PipelineJson.Default.EditRequest, PipelineJson.Default.DeadLetterDetails, cancellationToken);

    /// <summary>Edits all open dead letters of one event, at all consumers. The answer has the result of each.</summary>
    /// <param name="request">The event and the edit.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    public Task<EventEdit> EditEventAsync(EditEventRequest request, CancellationToken cancellationToken = default) =>
        client.PostAsync("api/dead-letters/edit-event", request, PipelineJson.Default.EditEventRequest, PipelineJson.Default.EventEdit, cancellationToken);

    /// <summary>Edits one step of a group.</summary>
    /// <param name="request">The group as it was seen, and the edit.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    public Task<GroupEdit> EditGroupAsync(EditGroupRequest request, CancellationToken cancellationToken = default) =>
        client.PostAsync("api/dead-letters/edit", request, PipelineJson.Default.EditGroupRequest, PipelineJson.Default.GroupEdit, cancellationToken);

    private static string PathOf(DeadLetterAddress address, string? action = null)
    {
        ArgumentNullException.ThrowIfNull(address);
        return action is null
            ? PipelineClient.Path("dead-letters", address.Container, address.Partition, address.Id)
            : PipelineClient.Path("dead-letters", address.Container, address.Partition, address.Id, action);
    }
}
