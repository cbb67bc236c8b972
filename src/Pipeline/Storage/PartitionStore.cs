using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Text.Json;
using Microsoft.Azure.Cosmos;
using Pipeline.Messages;

namespace Pipeline.Storage;

/// <summary>
/// One container, one per service. The only place that speaks to Cosmos DB: here its status codes become outcomes, and
/// ambiguous ones are resolved.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "The container belongs to the CosmosClient.")]
public sealed partial class PartitionStore
{
    private readonly Container _container;
    private readonly Backoff _backoff;
    private readonly TimeProvider _clock;

    /// <summary>Creates the store.</summary>
    /// <param name="container">The container; partition key <c>/pk</c>, time to live on without a default.</param>
    /// <param name="clock">Times the pauses between retries.</param>
    /// <param name="random">Spreads them.</param>
    public PartitionStore(Container container, TimeProvider clock, Random random)
    {
        _container = container;
        _clock = clock;
        _backoff = new Backoff(clock, random);
    }

    /// <summary>Name of the container, which is also the name of the service that it belongs to.</summary>
    public string Name => _container.Id;

    /// <summary>
    /// Reads the head of a partition, and then what the caller wants to see with it. The head comes first: whatever is
    /// committed between the two reads moves it, so that a decision made on records of different moments fails on the
    /// head's <c>If-Match</c>. A partition without a head has nothing else either.
    /// </summary>
    /// <exception cref="DamagedPartitionException">The head cannot be read, or is missing although what it would be read for is there.</exception>
    /// <remarks>Point reads: 1 RU each, and a fraction of what the SDK takes to prepare a query.</remarks>
    internal async Task<PartitionRead> ReadAsync(string partition, Func<PartitionHead, IEnumerable<string>> more, CancellationToken cancellationToken)
    {
        var read = new PartitionRead(Name, partition);
        using (var head = await ReadItemAsync(partition, Ids.Head, cancellationToken))
        {
            if (head is not null)
                read.Head = HeadOf(partition, head);
        }

        await AddItemsAsync(read, partition, more(read.Head), cancellationToken);
        if (read.Head.ETag is not null || read.Count == 0)
            return read;

        // Records without a head: the first commit came in between, or the head is lost.
        var orphan = read.Records[0].GetProperty("id"u8).GetString();
        read.Dispose();
        using (var head = await ReadItemAsync(partition, Ids.Head, cancellationToken))
        {
            if (head is null)
                throw new DamagedPartitionException(Name, partition, $"its head is missing, but '{orphan}' is there", canBeRecorded: false);
        }

        return await ReadAsync(partition, more, cancellationToken);
    }

    /// <summary>Reads records by id, side by side.</summary>
    internal async Task<PartitionRead> ReadItemsAsync(string partition, IEnumerable<string> ids, CancellationToken cancellationToken)
    {
        var read = new PartitionRead(Name, partition);
        await AddItemsAsync(read, partition, ids, cancellationToken);
        return read;
    }

    /// <summary>Runs a query to its end. The caller bounds what it can return.</summary>
    internal async Task<PartitionRead> QueryAsync(
        QueryDefinition query, string? partition, int? top = null, CancellationToken cancellationToken = default)
    {
        var read = new PartitionRead(Name, partition ?? "");
        await foreach (var page in PagesAsync(query, partition, null, top, cancellationToken))
        {
            read.AddPage(page.Document);
            if (top is { } limit && read.Count >= limit)
                break;
        }

        return read;
    }

    /// <summary>Runs a query page by page; whoever reads a page owns its document.</summary>
    internal async IAsyncEnumerable<QueryPage> PagesAsync(
        QueryDefinition query,
        string? partition,
        string? continuation,
        int? pageSize,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ThrowIfOverlaid("query");
        var options = new QueryRequestOptions { MaxItemCount = pageSize ?? -1 };
        if (partition is not null)
            options.PartitionKey = new PartitionKey(partition);
        using var iterator = _container.GetItemQueryStreamIterator(query, continuation, options);
        while (iterator.HasMoreResults)
        {
            var (document, next) = await _backoff.RunAsync(
                async () =>
                {
                    using var response = await iterator.ReadNextAsync(cancellationToken);
                    ThrowIfFailed(response, "query");
                    return (await JsonDocument.ParseAsync(response.Content, default, cancellationToken), response.ContinuationToken);
                },
                IsTransient,
                cancellationToken);
            yield return new QueryPage(document, next);
        }
    }

    /// <summary>Writes a commit. An attempt whose outcome is unknown is sent again, byte for byte, until the answer is clear.</summary>
    /// <exception cref="StoreUnavailableException">No clear answer within the retries. It may or may not have been written.</exception>
    /// <exception cref="DamagedPartitionException">A record that the commit creates is there, though the head knows nothing of it.</exception>
    internal async Task<CommitOutcome> WriteAsync(UnitOfWork commit, CancellationToken cancellationToken)
    {
        commit.Seal();
        var outcome = _overlay is { } overlay
            ? await WriteOverAsync(overlay, commit, cancellationToken)
            : await _backoff.RunAsync(() => SendAsync(commit, cancellationToken), IsTransient, cancellationToken);
        if (outcome == CommitOutcome.Moved)
            await ThrowIfDamagedAsync(commit, cancellationToken);
        return outcome;
    }

    /// <summary>Deletes a record; one that is gone already is as good.</summary>
    internal Task DeleteAsync(string partition, string id, CancellationToken cancellationToken)
    {
        if (_overlay is { } overlay)
        {
            overlay.Put(partition, id, null);
            return Task.CompletedTask;
        }

        return _backoff.RunAsync(
            async () =>
            {
                using var response = await _container.DeleteItemStreamAsync(
                    id, new PartitionKey(partition), new ItemRequestOptions { EnableContentResponseOnWrite = false }, cancellationToken);
                if (response.StatusCode != HttpStatusCode.NotFound)
                    ThrowIfFailed(response, "delete");
                return true;
            },
            IsTransient,
            cancellationToken);
    }

    /// <summary>Replaces a record if it still has that etag. Returns 200, 404 (gone) or 412 (changed).</summary>
    internal Task<HttpStatusCode> ReplaceAsync(string partition, string id, string etag, byte[] record, CancellationToken cancellationToken) => _overlay is { } overlay
        ? ReplaceOverAsync(overlay, partition, id, etag, record, cancellationToken)
        : _backoff.RunAsync(
            async () =>
            {
                using var body = new MemoryStream(record, writable: false);
                using var response = await _container.ReplaceItemStreamAsync(
                    body,
                    id,
                    new PartitionKey(partition),
                    new ItemRequestOptions { IfMatchEtag = etag, EnableContentResponseOnWrite = false },
                    cancellationToken);
                if (response.StatusCode is not (HttpStatusCode.NotFound or HttpStatusCode.PreconditionFailed))
                    ThrowIfFailed(response, "replace");
                return response.StatusCode;
            },
            IsTransient,
            cancellationToken);

    /// <summary>Adds one to a number of a record, if that works at the first attempt: for what is good to know and decides nothing.</summary>
    internal async Task CountAsync(string partition, string id, string path, CancellationToken cancellationToken)
    {
        if (IsOverlaid)
            return;
        try
        {
            using var response = await _container.PatchItemStreamAsync(
                id,
                new PartitionKey(partition),
                [PatchOperation.Increment(path, 1)],
                new PatchItemRequestOptions { EnableContentResponseOnWrite = false },
                cancellationToken);
        }
        catch (Exception e) when (IsTransient(e) || e is CosmosException)
        {
            // Not counted, then.
        }
    }

    private async Task AddItemsAsync(PartitionRead read, string partition, IEnumerable<string> ids, CancellationToken cancellationToken)
    {
        var items = await Task.WhenAll(ids.Distinct(StringComparer.Ordinal).Select(id => ReadItemAsync(partition, id, cancellationToken)));
        foreach (var item in items)
        {
            if (item is not null)
                read.AddItem(item);
        }
    }

    private Task<JsonDocument?> ReadItemAsync(string partition, string id, CancellationToken cancellationToken) =>
        _overlay is { } overlay && overlay.TryRead(partition, id, out var record) ? Task.FromResult(record) : ReadStoredAsync(partition, id, cancellationToken);

    private Task<JsonDocument?> ReadStoredAsync(string partition, string id, CancellationToken cancellationToken) =>
        _backoff.RunAsync(
            async () =>
            {
                using var response = await _container.ReadItemStreamAsync(id, new PartitionKey(partition), null, cancellationToken);
                if (response.StatusCode == HttpStatusCode.NotFound)
                {
                    // 1002: this replica is behind the session. 1003: the container is missing. Neither says that the item is.
                    switch (response.Headers["x-ms-substatus"])
                    {
                        case null or "" or "0":
                            return null;
                        case "1002":
                            throw new StoreUnavailableException("Cosmos DB cannot read as fresh as the session asks for yet (404/1002).");
                    }
                }

                ThrowIfFailed(response, "read");
                return await JsonDocument.ParseAsync(response.Content, default, cancellationToken);
            },
            IsTransient,
            cancellationToken);

    private async Task<CommitOutcome> SendAsync(UnitOfWork commit, CancellationToken cancellationToken)
    {
        var batch = _container.CreateTransactionalBatch(new PartitionKey(commit.Partition));
        foreach (var operation in commit.Operations)
        {
            var body = new MemoryStream(operation.Body, writable: false);
            var options = new TransactionalBatchItemRequestOptions { EnableContentResponseOnWrite = false, IfMatchEtag = operation.ETag };
            _ = operation.Kind switch
            {
                UnitOfWork.OperationKind.Create => batch.CreateItemStream(body, options),
                UnitOfWork.OperationKind.Replace => batch.ReplaceItemStream(operation.Id, body, options),
                UnitOfWork.OperationKind.Delete => batch.DeleteItem(operation.Id, options),
                _ => batch.UpsertItemStream(body, options),
            };
        }

        using var response = await batch.ExecuteAsync(cancellationToken);
        if (response.IsSuccessStatusCode)
            return CommitOutcome.Committed;
        for (var i = 0; i < response.Count && i < commit.Operations.Count; i++)
        {
            var status = response[i].StatusCode;
            if (status == HttpStatusCode.FailedDependency)
                continue;
            // A 404 on a creation is a missing container, never a conflict.
            var conflict = commit.Operations[i].Kind switch
            {
                UnitOfWork.OperationKind.Create => status == HttpStatusCode.Conflict,
                UnitOfWork.OperationKind.Replace or UnitOfWork.OperationKind.Delete => status is HttpStatusCode.PreconditionFailed or HttpStatusCode.NotFound,
                _ => false,
            };
            if (conflict)
                return (commit.Conflict = commit.Operations[i]).Value.OnConflict;
            throw Failure(status, string.Create(CultureInfo.InvariantCulture, $"batch, operation {i} on '{commit.Operations[i].Id}'"), response.ErrorMessage);
        }

        throw Failure(response.StatusCode, "batch", response.ErrorMessage);
    }

    private static void ThrowIfFailed(ResponseMessage response, string operation)
    {
        if (!response.IsSuccessStatusCode)
            throw Failure(response.StatusCode, operation, response.ErrorMessage);
    }

    private static Exception Failure(HttpStatusCode status, string operation, string? detail)
    {
        var message = string.Create(CultureInfo.InvariantCulture, $"Cosmos DB answered {(int)status} to a {operation}: {detail}");
        return status switch
        {
            HttpStatusCode.RequestEntityTooLarge => new CommitTooLargeException(message),
            HttpStatusCode.TooManyRequests or HttpStatusCode.RequestTimeout or HttpStatusCode.Gone or HttpStatusCode.InternalServerError
                or HttpStatusCode.ServiceUnavailable or (HttpStatusCode)449 or HttpStatusCode.Forbidden => new StoreUnavailableException(message),
            _ => new InvalidOperationException(message),
        };
    }

    private static bool IsTransient(Exception exception) => exception switch
    {
        StoreUnavailableException or HttpRequestException or TimeoutException or OperationCanceledException or IOException => true,
        CosmosException e => e.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.RequestTimeout or HttpStatusCode.Gone
            or HttpStatusCode.InternalServerError or HttpStatusCode.ServiceUnavailable or (HttpStatusCode)449 or HttpStatusCode.Forbidden,
        _ => false,
    };
}
