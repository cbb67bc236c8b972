using System.Net;
using System.Text.Json;
using Microsoft.Azure.Cosmos;

namespace Pipeline.Storage;

/// <summary>
/// One container of Cosmos DB, one per service. With <see cref="CosmosReader"/> the only place that calls Cosmos DB: here its status codes
/// become outcomes, and ambiguous ones are resolved.
/// </summary>
public sealed class CosmosPartitionStore : IPartitionStore
{
    private static readonly ItemRequestOptions WithoutContent = new() { EnableContentResponseOnWrite = false };

    private readonly Container _container;
    private readonly Backoff _backoff;
    private readonly CosmosReader _reader;
    private readonly ProblemNotes _problems;

    /// <summary>Creates the store.</summary>
    /// <param name="container">The container; partition key <c>/pk</c>, time to live on without a default.</param>
    /// <param name="clock">Times the pauses between retries.</param>
    /// <param name="random">Spreads them.</param>
    public CosmosPartitionStore(Container container, TimeProvider clock, Random random)
    {
        _container = container;
        _backoff = new Backoff(clock, random);
        _reader = new CosmosReader(container, _backoff);
        _problems = new ProblemNotes(container, clock);
    }

    /// <inheritdoc/>
    public string Name => _container.Id;

    /// <inheritdoc/>
    Task<PartitionRead> IPartitionStore.ReadAsync(Partition partition, Func<PartitionHead, IEnumerable<string>> more, CancellationToken cancellationToken) =>
        ReadAsync(partition, more, cancellationToken);

    /// <inheritdoc/>
    Task<PartitionRead> IPartitionStore.ReadItemsAsync(Partition partition, IEnumerable<string> ids, CancellationToken cancellationToken) =>
        ReadItemsAsync(partition, ids, cancellationToken);

    /// <inheritdoc/>
    Task<CommitOutcome> IPartitionStore.CommitAsync(UnitOfWork work, CancellationToken cancellationToken) => CommitAsync(work, cancellationToken);

    /// <inheritdoc/>
    async Task<BlockingPosition?> IPartitionStore.FirstOpenDeadLetterAsync(
        Partition partition, ConsumerName consumer, DeadLetterId except, CancellationToken cancellationToken)
    {
        var open = await OpenDeadLettersAsync(partition, consumer, except, 1, cancellationToken);
        return open.Count == 0 ? null : open[0];
    }

    /// <inheritdoc/>
    async Task IPartitionStore.IncrementAsync(Partition partition, string id, string path, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await _container.PatchItemStreamAsync(
                id, new PartitionKey(partition.Value), [PatchOperation.Increment(path, 1)],
                new PatchItemRequestOptions { EnableContentResponseOnWrite = false }, cancellationToken);
        }
        catch (Exception e) when (CosmosErrors.IsTransient(e) || e is CosmosException)
        {
            // Not counted, then.
        }
    }

    /// <inheritdoc/>
    Task IPartitionStore.NoteAsync(HandlingProblem problem, CancellationToken cancellationToken) => NoteAsync(problem, cancellationToken);

    /// <inheritdoc cref="IPartitionStore.ReadAsync"/>
    /// <remarks>Point reads: 1 RU each, and a fraction of what the SDK takes to prepare a query.</remarks>
    internal Task<PartitionRead> ReadAsync(Partition partition, Func<PartitionHead, IEnumerable<string>> more, CancellationToken cancellationToken) =>
        PartitionReading.ReadAsync(Name, ReadRecordAsync, partition, more, cancellationToken);

    /// <inheritdoc cref="IPartitionStore.ReadItemsAsync"/>
    internal Task<PartitionRead> ReadItemsAsync(Partition partition, IEnumerable<string> ids, CancellationToken cancellationToken) =>
        PartitionReading.ReadItemsAsync(Name, ReadRecordAsync, partition, ids, cancellationToken);

    /// <inheritdoc cref="IPartitionStore.NoteAsync"/>
    internal Task NoteAsync(HandlingProblem problem, CancellationToken cancellationToken) => _problems.WriteAsync(problem, cancellationToken);

    /// <summary>Reads one record; <see langword="null"/> if it does not exist.</summary>
    internal Task<JsonDocument?> ReadRecordAsync(Partition partition, string id, CancellationToken cancellationToken) =>
        _reader.ReadRecordAsync(partition, id, cancellationToken);

    /// <inheritdoc cref="CosmosReader.QueryAsync"/>
    internal Task<PartitionRead> QueryAsync(QueryDefinition query, Partition? partition, int? top, CancellationToken cancellationToken) =>
        _reader.QueryAsync(query, partition, top, cancellationToken);

    /// <inheritdoc cref="CosmosReader.PagesAsync"/>
    internal IAsyncEnumerable<QueryPage> PagesAsync(
        QueryDefinition query, Partition? partition, string? continuation, int? pageSize, CancellationToken cancellationToken) =>
        _reader.PagesAsync(query, partition, continuation, pageSize, cancellationToken);

    /// <inheritdoc cref="CosmosReader.ChangesAsync"/>
    internal IAsyncEnumerable<FeedPage> ChangesAsync(
        string? continuation, DateTimeOffset? since, int pageSize, CancellationToken cancellationToken) =>
        _reader.ChangesAsync(continuation, since, pageSize, cancellationToken);

    /// <summary>The first open, ordered dead letters of a consumer by position, but for one.</summary>
    internal async Task<IReadOnlyList<BlockingPosition>> OpenDeadLettersAsync(
        Partition partition, ConsumerName consumer, DeadLetterId except, int top, CancellationToken cancellationToken)
    {
        using var read = await QueryAsync(StoreQueries.FirstOpenDeadLetters(consumer, except, top), partition, top, cancellationToken);
        return [.. read.Records.Select(r => new BlockingPosition(new DeadLetterId(r.GetProperty("id"u8).GetString()!), r.GetProperty("place"u8).GetString()!))];
    }

    /// <inheritdoc cref="IPartitionStore.CommitAsync"/>
    /// <remarks>An attempt whose outcome is unknown is sent again, byte for byte, until the answer is clear.</remarks>
    internal async Task<CommitOutcome> CommitAsync(UnitOfWork work, CancellationToken cancellationToken)
    {
        work.Seal();
        var outcome = await _backoff.RunAsync(() => SendAsync(work, cancellationToken), CosmosErrors.IsTransient, cancellationToken);
        if (outcome == CommitOutcome.Moved)
            await PartitionReading.ThrowIfDamagedAsync(Name, ReadRecordAsync, work, cancellationToken);
        return outcome;
    }

    /// <summary>Deletes a record; one that does not exist is as good.</summary>
    internal Task DeleteAsync(Partition partition, string id, CancellationToken cancellationToken) => _backoff.RunAsync(
        async () =>
        {
            using var response = await _container.DeleteItemStreamAsync(id, new PartitionKey(partition.Value), WithoutContent, cancellationToken);
            if (response.StatusCode != HttpStatusCode.NotFound)
                CosmosErrors.ThrowIfFailed(response, "delete");
            return true;
        },
        CosmosErrors.IsTransient,
        cancellationToken);

    /// <summary>Replaces a record if it still has that etag.</summary>
    internal Task<ReplaceOutcome> ReplaceAsync(Partition partition, string id, string etag, byte[] record, CancellationToken cancellationToken) => _backoff.RunAsync(
        async () =>
        {
            using var body = new MemoryStream(record, writable: false);
            using var response = await _container.ReplaceItemStreamAsync(
                body, id, new PartitionKey(partition.Value), new ItemRequestOptions { IfMatchEtag = etag, EnableContentResponseOnWrite = false }, cancellationToken);
            switch (response.StatusCode)
            {
                case HttpStatusCode.NotFound:
                    return ReplaceOutcome.Gone;
                case HttpStatusCode.PreconditionFailed:
                    return ReplaceOutcome.Changed;
            }

            CosmosErrors.ThrowIfFailed(response, "replace");
            return ReplaceOutcome.Replaced;
        },
        CosmosErrors.IsTransient,
        cancellationToken);

    private async Task<CommitOutcome> SendAsync(UnitOfWork work, CancellationToken cancellationToken)
    {
        using var response = await BatchOf(work).ExecuteAsync(cancellationToken);
        if (response.IsSuccessStatusCode)
            return CommitOutcome.Committed;
        for (var i = 0; i < response.Count && i < work.Operations.Count; i++)
        {
            var status = response[i].StatusCode;
            if (status == HttpStatusCode.FailedDependency)
                continue;

            // A 404 on a creation is a missing container, never a conflict.
            var isConflict = work.Operations[i].Kind switch
            {
                RecordOperationKind.Create => status == HttpStatusCode.Conflict,
                RecordOperationKind.Replace or RecordOperationKind.Delete => status is HttpStatusCode.PreconditionFailed or HttpStatusCode.NotFound,
                _ => false,
            };
            if (isConflict)
                return (work.Conflict = work.Operations[i]).Value.OnConflict;
            throw CosmosErrors.Failure(
                status, string.Create(CultureInfo.InvariantCulture, $"batch, operation {i} on '{work.Operations[i].Id}'"), response.ErrorMessage);
        }

        throw CosmosErrors.Failure(response.StatusCode, "batch", response.ErrorMessage);
    }

    private TransactionalBatch BatchOf(UnitOfWork work)
    {
        var batch = _container.CreateTransactionalBatch(new PartitionKey(work.Partition.Value));
        foreach (var operation in work.Operations)
        {
            var body = new MemoryStream(operation.Body, writable: false);
            var options = new TransactionalBatchItemRequestOptions { EnableContentResponseOnWrite = false, IfMatchEtag = operation.ETag };
            _ = operation.Kind switch
            {
                RecordOperationKind.Create => batch.CreateItemStream(body, options),
                RecordOperationKind.Replace => batch.ReplaceItemStream(operation.Id, body, options),
                RecordOperationKind.Delete => batch.DeleteItem(operation.Id, options),
                _ => batch.UpsertItemStream(body, options),
            };
        }

        return batch;
    }
}
