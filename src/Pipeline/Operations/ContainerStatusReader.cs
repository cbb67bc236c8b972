using Pipeline.Client;
using Pipeline.Storage;

namespace Pipeline.Operations;

/// <summary>Reads how one container is doing.</summary>
public static class ContainerStatusReader
{
    /// <summary>Counts; records are visited, not kept in memory.</summary>
    public static async Task<ContainerStatus> ReadAsync(CosmosPartitionStore store, TimeProvider clock, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(clock);
        int quarantined = 0, unpublished = 0;
        var now = clock.GetUtcNow().ToUnixTimeSeconds();
        var oldest = now;
        var open = await OpenDeadLetters.ReadAsync(store, null, int.MaxValue, cancellationToken);
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
