using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Azure.Cosmos;
using Pipeline.Ledger;
using Pipeline.Partitions;

namespace Pipeline;

/// <summary>A subject that is blocked at a consumer.</summary>
public sealed record BlockedSubjectView
{
    /// <summary>The container of the consumer.</summary>
    public required string Container { get; init; }

    /// <summary>The subject.</summary>
    public required string Partition { get; init; }

    /// <summary>The consumer.</summary>
    public required string Consumer { get; init; }

    /// <summary>The ledger entry that blocks it.</summary>
    public required string Entry { get; init; }

    /// <summary><c>held</c> if that one is retried by itself when due, else <c>open</c>.</summary>
    public required string Status { get; init; }

    /// <summary>Why that message was not handled.</summary>
    public required string Reason { get; init; }

    /// <summary>Since when that message is in the ledger.</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>When it is retried by itself; <see langword="null"/> if it waits for an operator.</summary>
    public DateTimeOffset? RetryAt { get; init; }

    /// <summary>How many messages wait behind it.</summary>
    public required int Waiting { get; init; }
}

/// <summary>Lists what is blocked, the oldest first within a container.</summary>
public static class BlockedSubjects
{
    /// <summary>The most entries that one page looks at.</summary>
    public const int MaxPageSize = 500;

    /// <summary>
    /// One page of a container. Entries are visited in the order of their creation (an index has it), and the head of each
    /// one's subject says whether it is the one that blocks: a page may have fewer subjects than asked for, and still not be
    /// the last.
    /// </summary>
    /// <param name="store">The container.</param>
    /// <param name="consumer">The only consumer; <see langword="null"/> for all.</param>
    /// <param name="pageSize">Entries to look at, 1 to <see cref="MaxPageSize"/>.</param>
    /// <param name="continuation">Where the page before ended; <see langword="null"/> for the first one.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="StoreUnavailableException">The container cannot be read.</exception>
    public static async Task<(IReadOnlyList<BlockedSubjectView> Items, string? Continuation)> ListAsync(
        PartitionStore store, string? consumer, int pageSize, string? continuation, CancellationToken cancellationToken)
    {
        var query = new QueryDefinition(
            "SELECT c.id, c.pk, c.consumer, c.reason, c.createdAt, c.retryAt FROM c WHERE c.kind = 'deadletter' AND c.open = true AND c.inOrder = true "
            + (consumer is null ? "" : "AND c.consumer = @consumer ") + "ORDER BY c.createdAt");
        if (consumer is not null)
            query.WithParameter("@consumer", consumer);
        await foreach (var page in store.PagesAsync(query, null, continuation, Math.Clamp(pageSize, 1, MaxPageSize), cancellationToken))
        {
            using (page.Document)
            {
                var lines = page.Items.Select(i => i.Deserialize(RecordJson.Default.BlockedLine)!).ToList();
                return (await BlockingAsync(store, lines, cancellationToken), page.Continuation);
            }
        }

        return ([], null);
    }

    private static async Task<IReadOnlyList<BlockedSubjectView>> BlockingAsync(PartitionStore store, List<BlockedLine> lines, CancellationToken cancellationToken)
    {
        var heads = new System.Collections.Concurrent.ConcurrentDictionary<string, Head>(StringComparer.Ordinal);
        await Parallel.ForEachAsync(
            lines.Select(l => l.Partition).Distinct(StringComparer.Ordinal),
            new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = cancellationToken },
            async (partition, token) =>
            {
                using var read = await store.ReadAsync(partition, _ => [], token);
                heads[partition] = read.Head;
            });
        return
        [
            .. lines.Where(l => heads[l.Partition].Of(l.Consumer).Blocked == l.Id).Select(l => new BlockedSubjectView
            {
                Container = store.Name,
                Partition = l.Partition,
                Consumer = l.Consumer,
                Entry = l.Id,
                Status = l.RetryAt is null ? "open" : "held",
                Reason = l.Reason,
                Since = l.CreatedAt,
                RetryAt = l.RetryAt,
                Waiting = Math.Max(0, heads[l.Partition].Of(l.Consumer).Open - 1),
            }),
        ];
    }
}

/// <summary>What the list needs of a ledger entry.</summary>
internal sealed record BlockedLine(
    [property: JsonPropertyName("id")] string Id,
    [property: JsonPropertyName("pk")] string Partition,
    [property: JsonPropertyName("consumer")] string Consumer,
    [property: JsonPropertyName("reason")] string Reason,
    [property: JsonPropertyName("createdAt")] DateTimeOffset CreatedAt,
    [property: JsonPropertyName("retryAt")] DateTimeOffset? RetryAt);
