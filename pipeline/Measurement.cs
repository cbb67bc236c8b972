using Microsoft.Azure.Cosmos;
using Pipeline.Partitions;

namespace Pipeline;

/// <summary>What alerts stand on and no single event tells: how much of a container is blocked, parked or open right now.</summary>
public static class Measurement
{
    /// <summary>Records that are counted of each kind; where there are more, this is what the metric says.</summary>
    public const int Most = 10_000;

    private const int PageSize = 1_000;

    /// <summary>Counts, and records the gauges, tagged with the container's name.</summary>
    /// <exception cref="StoreUnavailableException">The container cannot be read.</exception>
    public static async Task TakeAsync(PartitionStore store, TimeProvider clock, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(clock);
        var container = new KeyValuePair<string, object?>("container", store.Name);

        var (open, blocked) = await ContainerStatus.CountOpenEntriesAsync(store, PageSize, Most, cancellationToken);
        Telemetry.LedgerOpen.Record(open, container);
        Telemetry.SubjectsBlocked.Record(blocked, container);
        Telemetry.ParkedOpen.Record(await CountParkedAsync(store, cancellationToken), container);
        Telemetry.OldestForEventGrid.Record(await OldestForEventGridAsync(store, clock, cancellationToken), container);
    }

    private static async Task<int> CountParkedAsync(PartitionStore store, CancellationToken cancellationToken)
    {
        var count = 0;
        var records = new QueryDefinition("SELECT c.pk FROM c WHERE c.kind = 'outbox' AND IS_DEFINED(c.parked)");
        await foreach (var page in store.PagesAsync(records, null, null, PageSize, cancellationToken))
        {
            using (page.Document)
                count += page.Items.Count();
            if (count >= Most)
                break;
        }

        return count;
    }

    /// <summary>Age in seconds; 0 if there is none.</summary>
    private static async Task<double> OldestForEventGridAsync(PartitionStore store, TimeProvider clock, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow().ToUnixTimeSeconds();
        var oldest = now;
        var records = new QueryDefinition(
            "SELECT TOP 1 c._ts FROM c WHERE c.kind = 'outbox' AND IS_DEFINED(c.sent) AND NOT IS_DEFINED(c.parked) ORDER BY c._ts");
        await foreach (var page in store.PagesAsync(records, null, null, 1, cancellationToken))
        {
            using (page.Document)
            {
                foreach (var record in page.Items)
                    oldest = Math.Min(oldest, record.GetProperty("_ts"u8).GetInt64());
            }
        }

        return now - oldest;
    }
}
