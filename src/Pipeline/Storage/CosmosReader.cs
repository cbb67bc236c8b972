using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.Azure.Cosmos;

namespace Pipeline.Storage;

/// <summary>Reads records, queries and the change feed of one container, with retries of what is transient.</summary>
internal sealed class CosmosReader(Container container, Backoff backoff)
{
    /// <summary>Reads one record; <see langword="null"/> if it does not exist.</summary>
    public Task<JsonDocument?> ReadRecordAsync(Partition partition, string id, CancellationToken cancellationToken) => backoff.RunAsync(
        async () =>
        {
            using var response = await container.ReadItemStreamAsync(id, new PartitionKey(partition.Value), null, cancellationToken);
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

            CosmosErrors.ThrowIfFailed(response, "read");
            return await JsonDocument.ParseAsync(response.Content, default, cancellationToken);
        },
        CosmosErrors.IsTransient,
        cancellationToken);

    /// <summary>Runs a query to its end. The caller bounds what it can return.</summary>
    public async Task<PartitionRead> QueryAsync(QueryDefinition query, Partition? partition, int? top, CancellationToken cancellationToken)
    {
        var read = new PartitionRead(container.Id, partition);
        await foreach (var page in PagesAsync(query, partition, null, top, cancellationToken))
        {
            read.AddPage(page.Document);
            if (top is { } limit && read.Count >= limit)
                break;
        }

        return read;
    }

    /// <summary>Runs a query page by page; the reader of a page owns its document.</summary>
    public async IAsyncEnumerable<QueryPage> PagesAsync(
        QueryDefinition query,
        Partition? partition,
        string? continuation,
        int? pageSize,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var options = new QueryRequestOptions { MaxItemCount = pageSize ?? -1 };
        if (partition is { } one)
            options.PartitionKey = new PartitionKey(one.Value);
        using var iterator = Open(continuation, () => container.GetItemQueryStreamIterator(query, continuation, options));
        while (iterator.HasMoreResults)
        {
            var (document, next) = await backoff.RunAsync(
                async () =>
                {
                    using var response = await ReadNextAsync(iterator, continuation, cancellationToken);
                    CosmosErrors.ThrowIfFailed(response, "query");
                    return (await JsonDocument.ParseAsync(response.Content, default, cancellationToken), response.ContinuationToken);
                },
                CosmosErrors.IsTransient,
                cancellationToken);
            yield return new QueryPage(document, next);
        }
    }

    /// <summary>
    /// Reads the change feed of the whole container, the latest version of every item that changed, page by page until nothing is new; the
    /// reader of a page owns its document. The last page has none: it only says where to continue.
    /// </summary>
    /// <param name="continuation">Where to continue; <see langword="null"/> to start at <paramref name="since"/>.</param>
    /// <param name="since">Start with the changes of that second, UTC; <see langword="null"/>: with those from now on.</param>
    /// <param name="pageSize">About how many changes a page has; those of one transaction are never split.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="InvalidContinuationException">The continuation does not fit this container.</exception>
    public async IAsyncEnumerable<FeedPage> ChangesAsync(
        string? continuation, DateTimeOffset? since, int pageSize, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var iterator = Open(continuation, () => container.GetChangeFeedStreamIterator(
            continuation is not null ? ChangeFeedStartFrom.ContinuationToken(continuation)
                : since is { } time ? ChangeFeedStartFrom.Time(time.UtcDateTime)
                : ChangeFeedStartFrom.Now(),
            ChangeFeedMode.LatestVersion,
            new ChangeFeedRequestOptions { PageSizeHint = pageSize }));
        while (true)
        {
            var page = await backoff.RunAsync(
                async () =>
                {
                    using var response = await ReadNextAsync(iterator, continuation, cancellationToken);
                    if (response.StatusCode == HttpStatusCode.NotModified)
                        return new FeedPage(null, response.ContinuationToken);
                    CosmosErrors.ThrowIfFailed(response, "change feed");
                    return new FeedPage(await JsonDocument.ParseAsync(response.Content, default, cancellationToken), response.ContinuationToken);
                },
                CosmosErrors.IsTransient,
                cancellationToken);
            yield return page;
            if (page.Document is null)
                yield break;
        }
    }

    /// <summary>The SDK reads a continuation when it opens the iterator, or with the first page; the rest is Cosmos DB's to judge.</summary>
    private static FeedIterator Open(string? continuation, Func<FeedIterator> open)
    {
        try
        {
            return open();
        }
        catch (Exception e) when (IsAboutContinuation(e, continuation))
        {
            throw new InvalidContinuationException(e.Message, e);
        }
    }

    private static async Task<ResponseMessage> ReadNextAsync(FeedIterator iterator, string? continuation, CancellationToken cancellationToken)
    {
        try
        {
            var response = await iterator.ReadNextAsync(cancellationToken);
            if (continuation is null || response.StatusCode != HttpStatusCode.BadRequest)
                return response;
            using (response)
                throw new InvalidContinuationException(response.ErrorMessage);
        }
        catch (Exception e) when (IsAboutContinuation(e, continuation))
        {
            throw new InvalidContinuationException(e.Message, e);
        }
    }

    private static bool IsAboutContinuation(Exception exception, string? continuation) =>
        continuation is not null
        && (exception is ArgumentException or FormatException or Newtonsoft.Json.JsonException or CosmosException { StatusCode: HttpStatusCode.BadRequest });
}
