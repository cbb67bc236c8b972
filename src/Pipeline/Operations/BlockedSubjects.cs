using System.Text.Json;
using Pipeline.Client;
using Pipeline.Failures;
using Pipeline.Storage;

namespace Pipeline.Operations;

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
    public static async Task<(IReadOnlyList<BlockedSubjectSummary> Items, string? Continuation)> ListAsync(
        CosmosPartitionStore store, ConsumerName? consumer, int pageSize, string? continuation, CancellationToken cancellationToken)
    {
        var query = StoreQueries.OpenOrderedDeadLetters(consumer);
        await foreach (var page in store.PagesAsync(query, null, continuation, Math.Clamp(pageSize, 1, MaxPageSize), cancellationToken))
        {
            using (page.Document)
            {
                // Entries that cannot be read are in the list of dead letters; here they would name no message.
                var lines = page.Items.Select(LineOf).OfType<BlockingDeadLetter>().Where(l => l.Reason is not null).ToList();
                var blocking = await BlockingAsync(store, lines, cancellationToken);
                return (continuation is null ? [.. await DamagedAsync(store, consumer, blocking, cancellationToken), .. blocking] : blocking, page.Continuation);
            }
        }

        return (await DamagedAsync(store, consumer, [], cancellationToken), null);
    }

    /// <summary>Partitions that are so damaged that they can keep no dead letter: what found it has noted it.</summary>
    private static async Task<IReadOnlyList<BlockedSubjectSummary>> DamagedAsync(
        CosmosPartitionStore store, ConsumerName? consumer, IReadOnlyList<BlockedSubjectSummary> shown, CancellationToken cancellationToken)
    {
        var query = StoreQueries.Damage();
        using var read = await store.QueryAsync(query, null, MaxPageSize, cancellationToken);
        return
        [
            .. read.Records.Select(r => Read(r, StorageJson.Default.HandlingProblem)).OfType<HandlingProblem>()
                .Where(d => (consumer is null || d.Consumer == consumer) && !shown.Any(s => s.Partition == d.Partition.Value && s.Consumer == d.Consumer.Value))
                .OrderBy(d => d.Since)
                .Select(d => new BlockedSubjectSummary
                {
                    Container = store.Name,
                    Partition = d.Partition.Value,
                    Consumer = d.Consumer.Value,
                    Entry = null,
                    Status = "damaged",
                    Reason = DeadLetterReasons.DamagedPartition,
                    Detail = d.What,
                    Since = d.Since,
                    Waiting = 0,
                }),
        ];
    }

    private static BlockingDeadLetter? LineOf(System.Text.Json.JsonElement item) => Read(item, OperationsJson.Default.BlockingDeadLetter);

    private static T? Read<T>(System.Text.Json.JsonElement item, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> json)
        where T : class
    {
        try
        {
            return item.Deserialize(json);
        }
        catch (System.Text.Json.JsonException)
        {
            return null;
        }
    }

    private static async Task<IReadOnlyList<BlockedSubjectSummary>> BlockingAsync(CosmosPartitionStore store, List<BlockingDeadLetter> lines, CancellationToken cancellationToken)
    {
        var heads = new System.Collections.Concurrent.ConcurrentDictionary<Partition, PartitionHead>();
        await Parallel.ForEachAsync(
            lines.Select(l => l.Partition).Distinct(),
            new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = cancellationToken },
            async (partition, token) =>
            {
                try
                {
                    using var read = await store.ReadAsync(partition, _ => [], token);
                    heads[partition] = read.Head;
                }
                catch (DamagedPartitionException)
                {
                    // Listed as damaged as soon as a message finds it.
                    heads[partition] = new PartitionHead { Partition = partition };
                }
            });
        return
        [
            .. lines.Where(l => heads[l.Partition].PositionOf(l.Consumer).Blocked == l.Id).Select(l => new BlockedSubjectSummary
            {
                Container = store.Name,
                Partition = l.Partition.Value,
                Consumer = l.Consumer.Value,
                Entry = l.Id.Value,
                Status = l.RetryAt is not null ? "waitingForRetry" : l.Reason == DeadLetterReasons.DamagedPartition ? "damaged" : "open",
                Reason = l.Reason,
                Detail = l.Summary,
                Since = l.CreatedAt,
                RetryAt = l.RetryAt,
                Waiting = Math.Max(0, heads[l.Partition].PositionOf(l.Consumer).Open - 1),
            }),
        ];
    }
}
