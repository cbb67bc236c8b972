using Pipeline.Storage;

namespace Pipeline.Operations;

/// <summary>How one container is doing.</summary>
/// <param name="Container">Its name.</param>
/// <param name="BlockedSubjects">Subjects that are blocked at one of its consumers, counted per consumer.</param>
/// <param name="OpenDeadLetters">Dead letters that wait for an operator, what waits behind one included.</param>
/// <param name="WaitingForRetry">Messages that continue without an operator: delayed retries, and the messages behind them.</param>
/// <param name="Quarantined">Quarantined outbox messages.</param>
/// <param name="Unpublished">Outbox messages, the quarantined ones included.</param>
/// <param name="OldestUnpublishedSeconds">Age of the oldest of them, in seconds; 0 if there is none.</param>
/// <param name="Damaged">Partitions of which records are missing or cannot be read, as far as that was found.</param>
/// <param name="Consumers">Its consumers that have open dead letters.</param>
public sealed record ContainerStatus(
    string Container, int BlockedSubjects, int OpenDeadLetters, int WaitingForRetry, int Quarantined, int Unpublished, double OldestUnpublishedSeconds, int Damaged,
    IReadOnlyList<ConsumerStatus> Consumers)
{
    /// <summary>Counts; records are visited, not kept in memory.</summary>
    public static async Task<ContainerStatus> ReadAsync(CosmosPartitionStore store, TimeProvider clock, CancellationToken cancellationToken)
    {
        int quarantined = 0, unpublished = 0;
        var now = clock.GetUtcNow().ToUnixTimeSeconds();
        var oldest = now;
        var open = await Operations.OpenDeadLetters.ReadAsync(store, null, int.MaxValue, cancellationToken);
        var records = StoreQueries.OutboxAges();
        await foreach (var page in store.PagesAsync(records, null, null, null, cancellationToken))
        {
            using (page.Document)
            {
                foreach (var item in page.Items)
                {
                    unpublished++;
                    oldest = Math.Min(oldest, item.GetProperty("_ts"u8).GetInt64());
                    quarantined += item.GetProperty("parked"u8).GetBoolean() ? 1 : 0;
                }
            }
        }

        return new ContainerStatus(
            store.Name, open.BlockedSubjects, open.ForOperators, open.Count - open.ForOperators, quarantined, unpublished, now - oldest,
            open.Damaged + await CountDamageAsync(store, cancellationToken), open.Consumers);
    }

    private static async Task<int> CountDamageAsync(CosmosPartitionStore store, CancellationToken cancellationToken)
    {
        var count = 0;
        await foreach (var page in store.PagesAsync(StoreQueries.DamagedPartitions(), null, null, null, cancellationToken))
        {
            using (page.Document)
                count += page.Items.Count();
        }

        return count;
    }
}
