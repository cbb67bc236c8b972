using Pipeline.Diagnostics;
using Pipeline.Outbox;
using Pipeline.Replay;
using Pipeline.Storage;

namespace Pipeline.Feeds;

/// <summary>Finds what the change feed missed or could not publish: outbox records left behind, and replays that wait.</summary>
internal sealed class RecoverySweep(CosmosPartitionStore store, RelayServices services, OutboxDispatcher outbox, ReplayAdvancer replays)
{
    private const int PageSize = 500;

    /// <summary>Partitions that one sweep takes on; the next sweep takes the rest.</summary>
    private const int MaxPartitions = 10_000;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var now = services.Clock.GetUtcNow();
        var writtenUntil = (now - services.Options.SweepAge).ToUnixTimeSeconds();
        var tag = new KeyValuePair<string, object?>("container", store.Name);
        var (partitions, oldest) = await FindAsync(now, writtenUntil, cancellationToken);
        Telemetry.OldestUnpublished.Record(now.ToUnixTimeSeconds() - oldest, tag);
        if (partitions.Count > 0)
        {
            Telemetry.SweptPartitions.Add(partitions.Count, tag);
            await outbox.DispatchAsync(partitions.Select(p => (p, (OutboxRecord?)null)), cancellationToken);
        }

        await replays.AdvanceAsync(await SubjectReplayer.DueAsync(store, services.Clock.GetUtcNow(), cancellationToken), cancellationToken);
        await outbox.SweepEventGridAsync(writtenUntil, cancellationToken);
    }

    /// <summary>The partitions, and the second, UTC, at which the oldest of their records was written.</summary>
    private async Task<(HashSet<Partition> Partitions, long Oldest)> FindAsync(DateTimeOffset now, long writtenUntil, CancellationToken cancellationToken)
    {
        var partitions = new HashSet<Partition>();
        var oldest = now.ToUnixTimeSeconds();
        await foreach (var page in store.PagesAsync(StoreQueries.UnsentPartitions(writtenUntil), null, null, PageSize, cancellationToken))
        {
            using (page.Document)
            {
                foreach (var item in page.Items)
                {
                    partitions.Add(Partition.Of(item));
                    oldest = Math.Min(oldest, item.GetProperty("_ts"u8).GetInt64());
                }
            }

            if (partitions.Count >= MaxPartitions)
                break;
        }

        return (partitions, oldest);
    }
}
