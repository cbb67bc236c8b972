using System.Net;
using Microsoft.Azure.Cosmos;
using Microsoft.Extensions.Logging;
using Pipeline.Messages;
using Pipeline.Storage;

namespace Pipeline.Outbox;

/// <summary>Reads what a partition has still to send to Service Bus, in order.</summary>
internal sealed class OutboxReader(PartitionStore store, MessageCatalog catalog, RelayOptions options, TimeProvider clock, ILogger log)
{
    /// <summary>The partition's first records; a stopped lane if it cannot be read now.</summary>
    /// <param name="partition">The partition.</param>
    /// <param name="wokenBy">The record that the feed delivered, which must be among them or gone; <see langword="null"/> for a sweep.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    public async Task<PartitionBacklog> ReadAsync(string partition, OutboxRecord? wokenBy, CancellationToken cancellationToken)
    {
        try
        {
            return await ReadLaneAsync(partition, wokenBy, cancellationToken);
        }
        catch (StoreUnavailableException e)
        {
            log.LogWarning(e, "{Container}/{Partition} cannot be read now; the sweep will try again.", store.Name, partition);
            return new PartitionBacklog(partition) { IsComplete = true, Stopped = true };
        }
    }

    private async Task<PartitionBacklog> ReadLaneAsync(string partition, OutboxRecord? wokenBy, CancellationToken cancellationToken)
    {
        var lane = await ReadOutboxAsync(partition, cancellationToken);
        if (wokenBy is null || lane.Records.Any(r => r.Id == wokenBy.Id) || lane.Records.Count >= options.DispatchPageSize)
            return lane;

        // The record that woke us is missing: the read was stale, or the record is gone. A conditional write tells, and
        // its session token makes the next read fresh.
        var same = OutboxRecord.Rewrite(wokenBy.Raw, null, clock.GetUtcNow());
        var status = await store.ReplaceAsync(partition, wokenBy.Id, wokenBy.ETag, same, cancellationToken);
        return status == HttpStatusCode.NotFound ? lane : await ReadOutboxAsync(partition, cancellationToken);
    }

    private async Task<PartitionBacklog> ReadOutboxAsync(string partition, CancellationToken cancellationToken)
    {
        var query = new QueryDefinition("SELECT * FROM c WHERE c.id >= @from AND c.id < @to AND NOT IS_DEFINED(c.sent) ORDER BY c.id")
            .WithParameter("@from", Ids.OutboxFrom)
            .WithParameter("@to", Ids.OutboxTo);
        var lane = new PartitionBacklog(partition) { IsComplete = true };

        // The documents stay alive with the lane's records; they are small and short-lived, so they are left to the collector.
        var read = await store.QueryAsync(query, partition, options.DispatchPageSize, cancellationToken);
        foreach (var record in read.Records)
            lane.Records.Enqueue(OutboxRecord.Read(record, catalog));
        return lane;
    }
}
