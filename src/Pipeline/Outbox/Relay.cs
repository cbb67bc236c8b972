using System.Text.Json;
using Microsoft.Azure.Cosmos;
using Microsoft.Extensions.Logging;
using Pipeline.Messages;
using Pipeline.Storage;
using Pipeline.Replay;

namespace Pipeline.Outbox;

/// <summary>
/// Publishes the outbox records of one service. Feed and sweep only say which partitions to look at; each partition is
/// published in sequence, and nothing of it while a lower number is still open. Doing it twice, or on two instances,
/// makes late duplicates at worst, never another order.
/// </summary>
public sealed partial class Relay
{
    private const int SweepPageSize = 500;
    private const int EventGridPageSize = 100;

    /// <summary>Partitions that one sweep takes on; the next sweep takes the rest.</summary>
    private const int MaxPartitionsPerSweep = 10_000;

    private readonly PartitionStore _store;
    private readonly MessageCatalog _catalog;
    private readonly RelayOptions _options;
    private readonly SubjectReplayer _replayer;
    private readonly TimeProvider _clock;
    private readonly ILogger _log;
    private readonly OutboxReader _reader;
    private readonly ServiceBusDispatcher _publisher;
    private readonly EventGridDispatcher _eventGrid;
    private readonly OutboxCompleter _closer;
    private readonly PublishedNumbers _published = new();

    /// <summary>Creates the relay of one service.</summary>
    public Relay(
        PartitionStore store,
        IMessageSender sender,
        MessageCatalog catalog,
        RelayOptions options,
        SubjectReplayer replayer,
        TimeProvider clock,
        Random random,
        ILogger<Relay> log,
        Listeners listeners,
        IEventPublisher? events = null)
    {
        _store = store;
        _catalog = catalog;
        _options = options;
        _replayer = replayer;
        _clock = clock;
        _log = log;
        _reader = new OutboxReader(store, catalog, options, clock, log);
        _publisher = new ServiceBusDispatcher(sender, options, clock, random, log);
        _eventGrid = new EventGridDispatcher(events, options, clock, log);
        _closer = new OutboxCompleter(store, _eventGrid, listeners, options, clock, log);
    }

    /// <summary>Name of the container that it relays.</summary>
    public string Name => _store.Name;

    /// <summary>Takes what the change feed delivers. A document that is none of ours, or broken, is passed over or parked.</summary>
    /// <exception cref="RelayStalledException">Nothing at all could be published; deliver the batch again.</exception>
    public async Task OnFeedAsync(IReadOnlyList<JsonElement> documents, CancellationToken cancellationToken)
    {
        var lanes = new Dictionary<string, PartitionBacklog>(StringComparer.Ordinal);
        var replays = new HashSet<(string Partition, string ReplayId)>();
        var over = new List<SubjectReplayRecord>();
        var freed = new HashSet<string>(StringComparer.Ordinal);
        foreach (var document in documents)
        {
            if (Text(document, "pk") is not { } partition)
                continue;
            switch (Text(document, "kind"))
            {
                case RecordKinds.Outbox when Text(document, "id") is not null:
                    if (!lanes.TryGetValue(partition, out var lane))
                        lanes.Add(partition, lane = new PartitionBacklog(partition));
                    lane.Records.Enqueue(OutboxRecord.Read(document, _catalog));
                    break;
                case RecordKinds.Discarded:
                    // A deletion does not come by the feed; what waited behind the deleted record goes on now.
                    freed.Add(partition);
                    break;
                case RecordKinds.Replay when Text(document, "status") == ReplayStatus.Applying && Text(document, "replayId") is { } id:
                    if (!SubjectReplayer.IsScheduled(document, _clock.GetUtcNow()))
                        replays.Add((partition, id));
                    if (Text(document, "after") is { } after && Text(document, "sentAt") is null)
                        replays.Add((partition, after));
                    break;
                case RecordKinds.Replay when Text(document, "plan") is not null:
                    if (ReplayOf(document) is { } replay)
                        over.Add(replay);
                    break;
                case RecordKinds.DeadLetter when Text(document, "replay") is { } id:
                    replays.Add((partition, id));
                    break;
            }
        }

        var tally = await PublishLanesAsync([.. lanes.Values], cancellationToken);
        var drains = lanes.Values.Where(l => l.NeedsDrain is not null).Select(l => (l.Partition, l.NeedsDrain)).ToList();
        freed.ExceptWith(drains.Select(d => d.Partition));
        drains.AddRange(freed.Select(partition => (partition, (OutboxRecord?)null)));
        if (drains.Count > 0)
            tally += await DrainAsync(drains, cancellationToken);
        await AdvanceAsync(replays, cancellationToken);
        await _replayer.OnOverAsync(over, cancellationToken);
        if (tally is { Published: 0, Failed: > 0 })
            throw new RelayStalledException(string.Create(CultureInfo.InvariantCulture,
                $"Nothing of '{_store.Name}' can be published: {tally.Failed} partitions failed."));
    }

    /// <summary>Looks for what the feed missed or could not publish: records left behind, and replays that wait.</summary>
    public async Task SweepAsync(CancellationToken cancellationToken)
    {
        var now = _clock.GetUtcNow();
        var cutoff = (now - _options.SweepAge).ToUnixTimeSeconds();
        var query = new QueryDefinition("SELECT c.pk, c._ts FROM c WHERE c.kind = 'outbox' AND c._ts <= @cutoff AND NOT IS_DEFINED(c.parked) AND NOT IS_DEFINED(c.sent)")
            .WithParameter("@cutoff", cutoff);
        var partitions = new HashSet<string>(StringComparer.Ordinal);
        var oldest = now.ToUnixTimeSeconds();
        await foreach (var page in _store.PagesAsync(query, null, null, SweepPageSize, cancellationToken))
        {
            using (page.Document)
            {
                foreach (var item in page.Items)
                {
                    partitions.Add(item.GetProperty("pk"u8).GetString()!);
                    oldest = Math.Min(oldest, item.GetProperty("_ts"u8).GetInt64());
                }
            }

            if (partitions.Count >= MaxPartitionsPerSweep)
                break;
        }

        Telemetry.OldestUnpublished.Record(now.ToUnixTimeSeconds() - oldest, new KeyValuePair<string, object?>("container", _store.Name));
        if (partitions.Count > 0)
        {
            Telemetry.SweptPartitions.Add(partitions.Count, new KeyValuePair<string, object?>("container", _store.Name));
            await DrainAsync([.. partitions.Select(p => (p, (OutboxRecord?)null))], cancellationToken);
        }

        await AdvanceAsync(await SubjectReplayer.ApplyingAsync(_store, _clock.GetUtcNow(), cancellationToken), cancellationToken);
        await SweepEventGridAsync(cutoff, cancellationToken);
    }

    /// <summary>Publishes the lanes record by record, all partitions side by side, and deletes what was published.</summary>
    private async Task<Tally> PublishLanesAsync(IReadOnlyList<PartitionBacklog> lanes, CancellationToken cancellationToken)
    {
        var tally = new Tally();
        var done = new List<OutboxRecord>();
        var round = new List<(PartitionBacklog Lane, OutboxRecord Record)>();
        while (true)
        {
            round.Clear();
            foreach (var lane in lanes)
            {
                if (NextOf(lane, done) is { } record)
                    round.Add((lane, record));
            }

            if (round.Count == 0)
                break;
            var results = await _publisher.PublishAsync([.. round.Select(r => r.Record)], cancellationToken);
            for (var i = 0; i < results.Length; i++)
                tally += await ConcludeAsync(round[i].Lane, round[i].Record, results[i], done, cancellationToken);
        }

        var byPartition = lanes.ToDictionary(l => l.Partition, StringComparer.Ordinal);
        var closing = await _closer.CloseAsync(done, evenIfResting: false, cancellationToken);
        foreach (var record in closing.Unclosed)
            byPartition[record.Partition].Stopped = true;
        return tally;
    }

    /// <summary>
    /// Brings to Event Grid what it did not take before; one request that fails ends it for this time. The next sweep waits
    /// for this one, so it comes last and takes no longer than it may.
    /// </summary>
    private async Task SweepEventGridAsync(long cutoff, CancellationToken cancellationToken)
    {
        var query = new QueryDefinition(
            "SELECT * FROM c WHERE c.kind = 'outbox' AND IS_DEFINED(c.sent) AND NOT IS_DEFINED(c.parked) AND c._ts <= @cutoff")
            .WithParameter("@cutoff", cutoff);
        var started = _clock.GetTimestamp();
        await foreach (var page in _store.PagesAsync(query, null, null, EventGridPageSize, cancellationToken))
        {
            using (page.Document)
            {
                var records = page.Items.Select(item => OutboxRecord.Read(item, _catalog)).ToList();
                var closing = await _closer.CloseAsync(records, evenIfResting: true, cancellationToken);
                if (closing.EventGridFailed || closing.Unclosed.Count > 0 || _clock.GetElapsedTime(started) >= _options.EventGridSweepBudget)
                    return;
            }
        }
    }

    /// <summary>The lane's next record, if it may be published now.</summary>
    private OutboxRecord? NextOf(PartitionBacklog lane, List<OutboxRecord> done)
    {
        while (!lane.Stopped && lane.Records.TryDequeue(out var record))
        {
            var upTo = _published.UpTo(lane.Partition);
            if (record.IsSent)
            {
                // Nothing waits behind it: only its second leg is open.
                if (!record.IsParked && !_eventGrid.IsResting)
                    done.Add(record);
            }
            else if (record.IsParked)
            {
                lane.Stopped = true;
            }
            else if (!lane.IsComplete && record.Last > 0 && record.Last <= upTo)
            {
                // Published by this very instance; what is left is to delete it. (0: its numbers cannot be read.)
                done.Add(record);
            }
            else if (lane.IsComplete || record.First == 1 || record.First == upTo + 1)
            {
                return record;
            }
            else
            {
                lane.Stopped = true;
                lane.NeedsDrain = record;
            }
        }

        return null;
    }

    private async Task<Tally> ConcludeAsync(
        PartitionBacklog lane, OutboxRecord record, (PublishOutcome Outcome, string? Reason) result, List<OutboxRecord> done, CancellationToken cancellationToken)
    {
        switch (result.Outcome)
        {
            case PublishOutcome.Published:
                _published.Set(lane.Partition, record.Last);
                done.Add(record);
                Telemetry.CommitToPublish.Record(
                    (_clock.GetUtcNow() - record.CommittedAt).TotalSeconds, new KeyValuePair<string, object?>("container", _store.Name));
                return new Tally { Published = 1 };
            case PublishOutcome.Refused:
                lane.Stopped = true;
                await _closer.ParkAsync(record, result.Reason!, isSent: false, cancellationToken);
                return new Tally { Published = 1 };
            default:
                // A destination that takes nothing is no reason to hold up the feed: the others may go on.
                lane.Stopped = true;
                return new Tally { Failed = result.Outcome == PublishOutcome.Failed ? 1 : 0 };
        }
    }

    /// <summary>Reads partitions and publishes what they hold, in order, a bounded number at a time.</summary>
    private async Task<Tally> DrainAsync(List<(string Partition, OutboxRecord? WokenBy)> partitions, CancellationToken cancellationToken)
    {
        var tally = new Tally();
        var waiting = new Queue<(string Partition, OutboxRecord? WokenBy)>(partitions);
        while (waiting.Count > 0)
        {
            var group = new List<(string Partition, OutboxRecord? WokenBy)>(_options.Parallelism);
            while (group.Count < _options.Parallelism && waiting.TryDequeue(out var next))
                group.Add(next);
            var lanes = await Task.WhenAll(group.Select(g => _reader.ReadAsync(g.Partition, g.WokenBy, cancellationToken)));
            var full = lanes.Where(l => l.Records.Count >= _options.DispatchPageSize).ToList();
            tally += await PublishLanesAsync(lanes, cancellationToken);
            foreach (var lane in full.Where(l => !l.Stopped))
                waiting.Enqueue((lane.Partition, null));
        }

        return tally;
    }

    private static string? Text(JsonElement document, string name) =>
        document.ValueKind == JsonValueKind.Object && document.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;

    private readonly record struct Tally(int Published, int Failed)
    {
        public static Tally operator +(Tally a, Tally b) => new(a.Published + b.Published, a.Failed + b.Failed);
    }
}
