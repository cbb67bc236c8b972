using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Pipeline.Diagnostics;
using Pipeline.Messages;
using Pipeline.Storage;

namespace Pipeline.Outbox;

/// <summary>
/// Ends an outbox record that Service Bus has got: publishes its public events to Event Grid and deletes it, but for what tells of events without a
/// consumer; or marks what stands in the way.
/// </summary>
internal sealed class OutboxCompleter(
    CosmosPartitionStore store, EventGridDispatcher eventGrid, Listeners listeners, RelayOptions options, TimeProvider clock, ILogger log)
{
    /// <summary>Publishes to Event Grid and deletes. A record that Event Grid does not accept is marked, so that later records do not wait for it.</summary>
    /// <param name="sent">Records that Service Bus has got.</param>
    /// <param name="evenIfCoolingDown">Whether to call Event Grid although its last attempt failed.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <returns>Records that the store still has as they were, so that they would be read, and sent, again; and whether Event Grid failed.</returns>
    public async Task<(IReadOnlyCollection<OutboxRecord> Incomplete, bool EventGridFailed)> CompleteAsync(
        IReadOnlyList<OutboxRecord> sent, bool evenIfCoolingDown, CancellationToken cancellationToken)
    {
        var results = await eventGrid.PublishAsync(sent, evenIfCoolingDown, cancellationToken);
        var incomplete = new ConcurrentBag<OutboxRecord>();
        await Parallel.ForEachAsync(
            Enumerable.Range(0, sent.Count),
            new ParallelOptions { MaxDegreeOfParallelism = options.Parallelism, CancellationToken = cancellationToken },
            async (i, token) =>
            {
                if (!await CompleteAsync(sent[i], results[i], token))
                    incomplete.Add(sent[i]);
            });
        return (incomplete, results.Any(r => r.Outcome == PublishOutcome.Unavailable));
    }

    /// <summary>Quarantines a record that can never be published as it is.</summary>
    /// <param name="record">The record.</param>
    /// <param name="reason">Why.</param>
    /// <param name="isSent">Whether only Event Grid refuses it: then later records do not wait for it.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    public async Task<bool> QuarantineAsync(OutboxRecord record, string reason, bool isSent, CancellationToken cancellationToken)
    {
        var quarantined = OutboxRecord.Rewrite(record.Raw, reason, clock.GetUtcNow(), isSent);
        if (await ReplaceAsync(record, quarantined, "could not be quarantined", cancellationToken) is not { } outcome)
            return false;
        if (outcome == ReplaceOutcome.Replaced)
        {
            Telemetry.Quarantined.Add(1, new KeyValuePair<string, object?>("container", store.Name));
            log.LogError(
                "{Container}/{Partition}: outbox record {Record} cannot be published and is quarantined{Followers}: {Reason}",
                store.Name, record.Partition.Value, record.Id, isSent ? " for Event Grid" : ", later records of the partition wait behind it", reason);
        }

        return true;
    }

    private async Task<bool> CompleteAsync(OutboxRecord record, PublishResult result, CancellationToken cancellationToken)
    {
        switch (result.Outcome)
        {
            case PublishOutcome.Published:
                return PublishedMarker.Of(record.Raw, listeners, clock.GetUtcNow(), options.UnconsumedTimeToLive) is { } marker
                    ? await KeepMarkerAsync(record, marker, cancellationToken)
                    : await DeleteAsync(record, cancellationToken);
            case PublishOutcome.Refused:
                return await QuarantineAsync(record, result.Reason!, isSent: true, cancellationToken);
            default:
                // Marked once: the mark itself comes back by the change feed.
                if (record.IsSent)
                    return true;
                var marked = OutboxRecord.Rewrite(record.Raw, null, clock.GetUtcNow(), isSent: true);
                return await ReplaceAsync(record, marked, "was sent to Service Bus but not marked", cancellationToken) is not null;
        }
    }

    /// <summary>In place of the deletion, in one write. A record that was changed meanwhile is deleted: it must not be sent again.</summary>
    private async Task<bool> KeepMarkerAsync(OutboxRecord record, byte[] marker, CancellationToken cancellationToken)
    {
        var outcome = await ReplaceAsync(record, marker, "was published but not completed", cancellationToken);
        return outcome == ReplaceOutcome.Changed ? await CompleteChangedAsync(record, marker, cancellationToken) : outcome is not null;
    }

    /// <summary>It was marked for Event Grid meanwhile, or another instance completed it: then it stays as that one left it.</summary>
    private async Task<bool> CompleteChangedAsync(OutboxRecord record, byte[] marker, CancellationToken cancellationToken)
    {
        try
        {
            using var read = await store.ReadItemsAsync(record.Partition, [record.Id], cancellationToken);
            if (read.Find(record.Id) is not { } now || now.GetProperty("kind"u8).ValueEquals(RecordKinds.Published))
                return true;
            if (await store.ReplaceAsync(record.Partition, record.Id, now.GetProperty("_etag"u8).GetString()!, marker, cancellationToken) != ReplaceOutcome.Changed)
                return true;
        }
        catch (StoreUnavailableException e)
        {
            log.LogWarning(e, "{Container}/{Partition}: {Record} was published but not completed.", store.Name, record.Partition.Value, record.Id);
            return false;
        }

        return await DeleteAsync(record, cancellationToken);
    }

    private async Task<bool> DeleteAsync(OutboxRecord record, CancellationToken cancellationToken)
    {
        try
        {
            await store.DeleteAsync(record.Partition, record.Id, cancellationToken);
            return true;
        }
        catch (StoreUnavailableException e)
        {
            // It was published; the recovery sweep publishes it once more and deletes it, and the inbox recognises the duplicate.
            log.LogWarning(e, "{Container}/{Partition}: {Record} was published but not deleted.", store.Name, record.Partition.Value, record.Id);
            return false;
        }
    }

    /// <summary>404 and 412 mean that another instance has done as much or more; <see langword="null"/> that the outcome is unknown.</summary>
    private async Task<ReplaceOutcome?> ReplaceAsync(OutboxRecord record, byte[] content, string whatFailed, CancellationToken cancellationToken)
    {
        try
        {
            return await store.ReplaceAsync(record.Partition, record.Id, record.ETag, content, cancellationToken);
        }
        catch (StoreUnavailableException e)
        {
            log.LogWarning(e, "{Container}/{Partition}: {Record} {WhatFailed}; the recovery sweep will try again.", store.Name, record.Partition.Value, record.Id, whatFailed);
            return null;
        }
    }
}
