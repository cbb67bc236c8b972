using Pipeline.Diagnostics;
using Pipeline.Storage;

namespace Pipeline.Operations;

/// <summary>What alerts stand on and no single event tells: how much of a container is blocked, quarantined or open right now.</summary>
public static class BacklogMetrics
{
    /// <summary>Records that are counted of each kind; where there are more, this is what the metric says.</summary>
    public const int Most = 10_000;

    private const int PageSize = 1_000;

    /// <summary>Counts, and records the gauges, tagged with the container's name.</summary>
    /// <exception cref="StoreUnavailableException">The container cannot be read.</exception>
    public static async Task TakeAsync(CosmosPartitionStore store, TimeProvider clock, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(clock);
        var container = new KeyValuePair<string, object?>("container", store.Name);

        var open = await OpenDeadLetters.ReadAsync(store, PageSize, Most, cancellationToken);
        Telemetry.DeadLettersOpen.Record(open.ForOperators, container);
        Telemetry.DeadLettersWaitingForRetry.Record(open.WaitingForRetry, container);
        Telemetry.SubjectsBlocked.Record(open.BlockedSubjects, container);
        Telemetry.OldestBlocked.Record(await OldestBlockedAsync(store, clock, cancellationToken), container);
        Telemetry.QuarantinedOpen.Record(await CountQuarantinedAsync(store, cancellationToken), container);
        Telemetry.OldestForEventGrid.Record(await OldestForEventGridAsync(store, clock, cancellationToken), container);
    }

    private static async Task<int> CountQuarantinedAsync(CosmosPartitionStore store, CancellationToken cancellationToken)
    {
        var count = 0;
        var records = StoreQueries.QuarantinedPartitions();
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
    private static async Task<double> OldestBlockedAsync(CosmosPartitionStore store, TimeProvider clock, CancellationToken cancellationToken)
    {
        var query = StoreQueries.OldestOpenOrderedDeadLetter();
        using var read = await store.QueryAsync(query, null, 1, cancellationToken);
        return read.Count == 0 ? 0 : Math.Max(0, (clock.GetUtcNow() - read.Records[0].GetProperty("createdAt"u8).GetDateTimeOffset()).TotalSeconds);
    }

    /// <summary>Age in seconds; 0 if there is none.</summary>
    private static async Task<double> OldestForEventGridAsync(CosmosPartitionStore store, TimeProvider clock, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow().ToUnixTimeSeconds();
        var oldest = now;
        var records = StoreQueries.OldestUnsentToEventGrid();
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
