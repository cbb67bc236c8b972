using Microsoft.Extensions.Logging;
using Pipeline.Messages;
using Pipeline.Storage;

namespace Pipeline.Outbox;

/// <summary>Reads what a partition has still to send to Service Bus, in order.</summary>
internal sealed class OutboxReader(CosmosPartitionStore store, MessageCatalog catalog, RelayOptions options, TimeProvider clock, ILogger log)
{
    /// <summary>The partition's first records; a stopped backlog if it cannot be read now.</summary>
    /// <param name="partition">The partition.</param>
    /// <param name="wokenBy">The record that the feed delivered, which must be among them or gone; <see langword="null"/> for a sweep.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    public async Task<PartitionBacklog> ReadAsync(Partition partition, OutboxRecord? wokenBy, CancellationToken cancellationToken)
    {
        try
        {
            return await ReadBacklogAsync(partition, wokenBy, cancellationToken);
        }
        catch (StoreUnavailableException e)
        {
            log.LogWarning(e, "{Container}/{Partition} cannot be read now; the recovery sweep will try again.", store.Name, partition.Value);
            return new PartitionBacklog(partition) { IsComplete = true, Stopped = true };
        }
    }

    private async Task<PartitionBacklog> ReadBacklogAsync(Partition partition, OutboxRecord? wokenBy, CancellationToken cancellationToken)
    {
        var backlog = await ReadOutboxAsync(partition, cancellationToken);
        if (wokenBy is null || backlog.Records.Any(r => r.Id == wokenBy.Id) || backlog.Records.Count >= options.DispatchPageSize)
            return backlog;

        // The record that woke us is missing: the read was stale, or the record is gone. A conditional write tells, and
        // its session token makes the next read fresh.
        var same = OutboxRecord.Rewrite(wokenBy.Raw, null, clock.GetUtcNow());
        var status = await store.ReplaceAsync(partition, wokenBy.Id, wokenBy.ETag, same, cancellationToken);
        return status == ReplaceOutcome.Gone ? backlog : await ReadOutboxAsync(partition, cancellationToken);
    }

    private async Task<PartitionBacklog> ReadOutboxAsync(Partition partition, CancellationToken cancellationToken)
    {
        var backlog = new PartitionBacklog(partition) { IsComplete = true };

        // The documents stay alive with the backlog's records; they are small and short-lived, so they are left to the collector.
        var read = await store.QueryAsync(StoreQueries.UnsentOutbox(), partition, options.DispatchPageSize, cancellationToken);
        foreach (var record in read.Records)
            backlog.Records.Enqueue(OutboxRecord.Read(record, catalog));
        return backlog;
    }
}
