using System.Collections.Concurrent;
using System.Net;
using Microsoft.Extensions.Logging;
using Pipeline.Messages;
using Pipeline.Storage;

namespace Pipeline.Outbox;

/// <summary>The end of an outbox record: to Event Grid what Service Bus has already, then delete it, but for what tells of events that no consumer gets; or mark what stands in the way.</summary>
internal sealed class OutboxCompleter(PartitionStore store, EventGridDispatcher eventGrid, Listeners listeners, RelayOptions options, TimeProvider clock, ILogger log)
{
    /// <summary>Publishes the second leg and deletes. What Event Grid does not take is marked, so that nothing behind it waits.</summary>
    public async Task<Closing> CloseAsync(IReadOnlyList<OutboxRecord> sent, bool evenIfResting, CancellationToken cancellationToken)
    {
        var results = await eventGrid.PublishAsync(sent, evenIfResting, cancellationToken);
        var unclosed = new ConcurrentBag<OutboxRecord>();
        await Parallel.ForEachAsync(
            Enumerable.Range(0, sent.Count),
            new ParallelOptions { MaxDegreeOfParallelism = options.Parallelism, CancellationToken = cancellationToken },
            async (i, token) =>
            {
                if (!await CloseAsync(sent[i], results[i], token))
                    unclosed.Add(sent[i]);
            });
        return new Closing(unclosed, results.Any(r => r.Outcome == PublishOutcome.Failed));
    }

    /// <summary>Marks a record that can never be published as it is.</summary>
    /// <param name="record">The record.</param>
    /// <param name="reason">Why.</param>
    /// <param name="isSent">Whether only Event Grid refuses it: then nothing waits behind it.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    public async Task<bool> ParkAsync(OutboxRecord record, string reason, bool isSent, CancellationToken cancellationToken)
    {
        var parked = OutboxRecord.Rewrite(record.Raw, reason, clock.GetUtcNow(), isSent);
        if (await ReplaceAsync(record, parked, "could not be parked", cancellationToken) is not { } status)
            return false;
        if (status == HttpStatusCode.OK)
        {
            Telemetry.Parked.Add(1, new KeyValuePair<string, object?>("container", store.Name));
            log.LogError(
                "{Container}/{Partition}: outbox record {Record} cannot be published and is parked{Followers}: {Reason}",
                store.Name, record.Partition, record.Id, isSent ? " for Event Grid" : ", its followers wait behind it", reason);
        }

        return true;
    }

    private async Task<bool> CloseAsync(OutboxRecord record, (PublishOutcome Outcome, string? Reason) result, CancellationToken cancellationToken)
    {
        switch (result.Outcome)
        {
            case PublishOutcome.Published:
                return PublishedMarker.Of(record.Raw, listeners, clock.GetUtcNow(), options.UnconsumedTimeToLive) is { } unheard
                    ? await KeepAsync(record, unheard, cancellationToken)
                    : await DeleteAsync(record, cancellationToken);
            case PublishOutcome.Refused:
                return await ParkAsync(record, result.Reason!, isSent: true, cancellationToken);
            default:
                // Marked once: the mark itself comes back by the feed.
                var marked = OutboxRecord.Rewrite(record.Raw, null, clock.GetUtcNow(), isSent: true);
                return record.IsSent || await ReplaceAsync(record, marked, "was sent to Service Bus but not marked", cancellationToken) is not null;
        }
    }

    /// <summary>In place of the deletion, in one write. A record that was changed meanwhile is deleted: it must not be sent again.</summary>
    private async Task<bool> KeepAsync(OutboxRecord record, byte[] unheard, CancellationToken cancellationToken)
    {
        var status = await ReplaceAsync(record, unheard, "was published but not closed", cancellationToken);
        return status == HttpStatusCode.PreconditionFailed ? await CloseChangedAsync(record, unheard, cancellationToken) : status is not null;
    }

    /// <summary>Its other leg was marked meanwhile, or another instance has closed it: then it stays as that one left it.</summary>
    private async Task<bool> CloseChangedAsync(OutboxRecord record, byte[] unheard, CancellationToken cancellationToken)
    {
        try
        {
            using var read = await store.ReadItemsAsync(record.Partition, [record.Id], cancellationToken);
            if (read.Find(record.Id) is not { } now || now.GetProperty("kind"u8).ValueEquals(RecordKinds.Published))
                return true;
            if (await store.ReplaceAsync(record.Partition, record.Id, now.GetProperty("_etag"u8).GetString()!, unheard, cancellationToken) != HttpStatusCode.PreconditionFailed)
                return true;
        }
        catch (StoreUnavailableException e)
        {
            log.LogWarning(e, "{Container}/{Partition}: {Record} was published but not closed.", store.Name, record.Partition, record.Id);
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
            // It was published; the sweep publishes it once more and deletes it, and the inbox takes the duplicate.
            log.LogWarning(e, "{Container}/{Partition}: {Record} was published but not deleted.", store.Name, record.Partition, record.Id);
            return false;
        }
    }

    /// <summary>404 and 412 mean that another instance has done as much or more; <see langword="null"/> that nothing is known.</summary>
    private async Task<HttpStatusCode?> ReplaceAsync(OutboxRecord record, byte[] content, string whatFailed, CancellationToken cancellationToken)
    {
        try
        {
            return await store.ReplaceAsync(record.Partition, record.Id, record.ETag, content, cancellationToken);
        }
        catch (StoreUnavailableException e)
        {
            log.LogWarning(e, "{Container}/{Partition}: {Record} {WhatFailed} yet; the sweep comes back to it.", store.Name, record.Partition, record.Id, whatFailed);
            return null;
        }
    }
}
