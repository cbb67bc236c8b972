using System.Text.Json;
using Microsoft.Extensions.Logging;
using Pipeline.Client;
using Pipeline.DeadLetters;
using Pipeline.Outbox;
using Pipeline.Storage;

namespace Pipeline.Feeds;

/// <summary>Sorts the documents of a change feed by what they mean: outbox records to publish, replays to advance. A document of another kind is ignored.</summary>
internal sealed class ChangeFeedRouter(CosmosPartitionStore store, RelayServices services, OutboxDispatcher outbox, ReplayAdvancer replays, ILogger log)
{
    /// <summary>Handles a batch of the change feed.</summary>
    /// <exception cref="RelayStalledException">No record at all could be published; deliver the batch again.</exception>
    public async Task RouteAsync(IReadOnlyList<JsonElement> documents, CancellationToken cancellationToken)
    {
        var batch = new Batch();
        foreach (var document in documents)
        {
            if (Text(document, "pk") is { } partition)
                Sort(document, new Partition(partition), batch);
        }

        var tally = await outbox.DispatchAsync([.. batch.Backlogs.Values], cancellationToken);
        var unread = batch.Backlogs.Values.Where(l => l.NeedsRead is not null).Select(l => (l.Partition, l.NeedsRead)).ToList();
        batch.Released.ExceptWith(unread.Select(d => d.Partition));
        unread.AddRange(batch.Released.Select(partition => (partition, (OutboxRecord?)null)));
        if (unread.Count > 0)
            tally += await outbox.DispatchAsync(unread, cancellationToken);
        await replays.AdvanceAsync(batch.Replays, cancellationToken);
        await replays.OnDoneAsync(batch.Done, cancellationToken);
        if (tally is { Published: 0, Failed: > 0 })
        {
            throw new RelayStalledException(string.Create(
                CultureInfo.InvariantCulture, $"No outbox record of '{store.Name}' can be published: {tally.Failed} partitions failed."));
        }
    }

    private void Sort(JsonElement document, Partition partition, Batch batch)
    {
        switch (Text(document, "kind"))
        {
            case RecordKinds.Outbox when Text(document, "id") is not null:
                if (!batch.Backlogs.TryGetValue(partition, out var backlog))
                    batch.Backlogs.Add(partition, backlog = new PartitionBacklog(partition));
                backlog.Records.Enqueue(OutboxRecord.Read(document, services.Catalog));
                break;
            case RecordKinds.Discarded:
                // A deletion does not come by the feed; the records behind the deleted one are published now.
                batch.Released.Add(partition);
                break;
            case RecordKinds.Replay when Text(document, "status") == ReplayStatus.Applying && Text(document, "replayId") is { } id:
                if (!IsScheduled(document))
                    batch.Replays.Add((partition, id));
                if (Text(document, "after") is { } after && Text(document, "sentAt") is null)
                    batch.Replays.Add((partition, after));
                break;
            case RecordKinds.Replay when Text(document, "plan") is not null:
                if (ReplayOf(document) is { } replay)
                    batch.Done.Add(replay);
                break;
            case RecordKinds.DeadLetter when Text(document, "replay") is { } id:
                batch.Replays.Add((partition, id));
                break;
        }
    }

    /// <summary>Whether the broker keeps the message that a replay sent last until later, so that there is nothing to do for it now.</summary>
    private bool IsScheduled(JsonElement replay) =>
        replay.TryGetProperty("sentAt"u8, out var sentAt) && sentAt.ValueKind == JsonValueKind.String && sentAt.TryGetDateTimeOffset(out var at)
        && at > services.Clock.GetUtcNow();

    /// <summary>A record that cannot be read holds up nothing: the sweep of its replay reports it again and again.</summary>
    private SubjectReplayRecord? ReplayOf(JsonElement document)
    {
        try
        {
            return document.Deserialize(DeadLetterJson.Default.SubjectReplayRecord);
        }
        catch (JsonException e)
        {
            log.LogError(
                e, "The replay record '{Id}' of {Container}/{Partition} cannot be read; it is ignored.", Text(document, "id"), store.Name, Text(document, "pk"));
            return null;
        }
    }

    private static string? Text(JsonElement document, string name) =>
        document.ValueKind == JsonValueKind.Object && document.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;

    /// <summary>What a batch of documents asks for.</summary>
    private sealed class Batch
    {
        public Dictionary<Partition, PartitionBacklog> Backlogs { get; } = [];

        /// <summary>Partitions in which a quarantined record was discarded.</summary>
        public HashSet<Partition> Released { get; } = [];

        public HashSet<(Partition Partition, string ReplayId)> Replays { get; } = [];

        public List<SubjectReplayRecord> Done { get; } = [];
    }
}
