using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Azure.Cosmos;

namespace Pipeline.Partitions;

/// <summary>
/// One container, one per service. The only place that speaks to Cosmos DB: here its status codes become outcomes, and
/// ambiguous ones are resolved.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "The container belongs to the CosmosClient.")]
public sealed class PartitionStore
{
    private readonly Container _container;
    private readonly Backoff _backoff;

    /// <summary>Creates the store.</summary>
    /// <param name="container">The container; partition key <c>/pk</c>, time to live on without a default.</param>
    /// <param name="clock">Times the pauses between retries.</param>
    /// <param name="random">Spreads them.</param>
    public PartitionStore(Container container, TimeProvider clock, Random random)
    {
        _container = container;
        _backoff = new Backoff(clock, random);
    }

    /// <summary>Name of the container, which is also the name of the service that it belongs to.</summary>
    public string Name => _container.Id;

    /// <summary>Reads records of one partition by id, and a range of ids, in one query.</summary>
    internal Task<PartitionRead> ReadAsync(
        string partition, IReadOnlyList<string> ids, (string From, string To)? range, CancellationToken cancellationToken)
    {
        var names = string.Join(',', Enumerable.Range(0, ids.Count).Select(i => "@" + i));
        var query = new QueryDefinition(range is null
            ? $"SELECT * FROM c WHERE c.id IN ({names})"
            : $"SELECT * FROM c WHERE c.id IN ({names}) OR (c.id >= @from AND c.id <= @to)");
        for (var i = 0; i < ids.Count; i++)
            query.WithParameter("@" + i, ids[i]);
        if (range is { } r)
            query.WithParameter("@from", r.From).WithParameter("@to", r.To);
        return QueryAsync(query, partition, cancellationToken: cancellationToken);
    }

    /// <summary>Runs a query to its end. The caller bounds what it can return.</summary>
    internal async Task<PartitionRead> QueryAsync(
        QueryDefinition query, string? partition, int? top = null, CancellationToken cancellationToken = default)
    {
        var read = new PartitionRead();
        await foreach (var page in PagesAsync(query, partition, null, top, cancellationToken))
        {
            read.Add(page.Document);
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
    internal Task<CommitOutcome> WriteAsync(Commit commit, CancellationToken cancellationToken)
    {
        commit.Seal();
        return _backoff.RunAsync(() => SendAsync(commit, cancellationToken), IsTransient, cancellationToken);
    }

    /// <summary>Deletes a record; one that is gone already is as good.</summary>
    internal Task DeleteAsync(string partition, string id, CancellationToken cancellationToken) =>
        _backoff.RunAsync(
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

    /// <summary>Replaces a record if it still has that etag. Returns 200, 404 (gone) or 412 (changed).</summary>
    internal Task<HttpStatusCode> ReplaceAsync(string partition, string id, string etag, byte[] record, CancellationToken cancellationToken) =>
        _backoff.RunAsync(
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

    private async Task<CommitOutcome> SendAsync(Commit commit, CancellationToken cancellationToken)
    {
        var batch = _container.CreateTransactionalBatch(new PartitionKey(commit.Partition));
        foreach (var operation in commit.Operations)
        {
            var body = new MemoryStream(operation.Body, writable: false);
            var options = new TransactionalBatchItemRequestOptions { EnableContentResponseOnWrite = false, IfMatchEtag = operation.ETag };
            _ = operation.Kind switch
            {
                Commit.OperationKind.Create => batch.CreateItemStream(body, options),
                Commit.OperationKind.Replace => batch.ReplaceItemStream(operation.Id, body, options),
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
                Commit.OperationKind.Create => status == HttpStatusCode.Conflict,
                Commit.OperationKind.Replace => status is HttpStatusCode.PreconditionFailed or HttpStatusCode.NotFound,
                _ => false,
            };
            if (conflict)
                return commit.Operations[i].OnConflict;
            throw Failure(status, $"batch, operation {i} on '{commit.Operations[i].Id}'", response.ErrorMessage);
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
        var message = $"Cosmos DB answered {(int)status} to a {operation}: {detail}";
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

/// <summary>One page of a query.</summary>
/// <param name="Document">The response; its owner disposes it.</param>
/// <param name="Continuation">Where the next page starts; <see langword="null"/> behind the last one.</param>
internal readonly record struct QueryPage(JsonDocument Document, string? Continuation)
{
    public JsonElement.ArrayEnumerator Items => Document.RootElement.GetProperty("Documents").EnumerateArray();
}

/// <summary>The records that a read of one partition returned.</summary>
internal sealed class PartitionRead : IDisposable
{
    private readonly List<JsonDocument> _pages = new(1);
    private readonly List<JsonElement> _records = [];

    public int Count => _records.Count;

    public IReadOnlyList<JsonElement> Records => _records;

    public void Add(JsonDocument page)
    {
        _pages.Add(page);
        foreach (var record in page.RootElement.GetProperty("Documents").EnumerateArray())
            _records.Add(record);
    }

    public JsonElement? Find(string id)
    {
        foreach (var record in _records)
        {
            if (record.GetProperty("id"u8).ValueEquals(id))
                return record;
        }

        return null;
    }

    public T? Find<T>(string id, JsonTypeInfo<T> json)
        where T : class =>
        Find(id)?.Deserialize(json);

    public void Dispose()
    {
        foreach (var page in _pages)
            page.Dispose();
    }
}
