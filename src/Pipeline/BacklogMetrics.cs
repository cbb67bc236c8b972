using Microsoft.Azure.Cosmos;
using Pipeline.Storage;

namespace Pipeline;

/// <summary>What alerts stand on and no single event tells: how much of a container is blocked, parked or open right now.</summary>
public static class BacklogMetrics
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

        var open = await OpenDeadLetters.ReadAsync(store, PageSize, Most, cancellationToken);
        Telemetry.LedgerOpen.Record(open.ForOperators, container);
        Telemetry.LedgerHeld.Record(open.Held, container);
        Telemetry.SubjectsBlocked.Record(open.BlockedSubjects, container);
        Telemetry.OldestBlocked.Record(await OldestBlockedAsync(store, clock, cancellationToken), container);
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

    /// <summary>Age in seconds; 0 if nothing is blocked.</summary>
    private static async Task<double> OldestBlockedAsync(PartitionStore store, TimeProvider clock, CancellationToken cancellationToken)
    {
        var query = new QueryDefinition("SELECT TOP 1 c.createdAt FROM c WHERE c.kind = 'deadletter' AND c.open = true AND c.inOrder = true ORDER BY c.createdAt");
        using var read = await store.QueryAsync(query, null, 1, cancellationToken);
        return read.Count == 0 ? 0 : Math.Max(0, (clock.GetUtcNow() - read.Records[0].GetProperty("createdAt"u8).GetDateTimeOffset()).TotalSeconds);
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
