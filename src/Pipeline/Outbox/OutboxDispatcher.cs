using Microsoft.Extensions.Logging;
using Pipeline.Diagnostics;
using Pipeline.Messages;
using Pipeline.Storage;

namespace Pipeline.Outbox;

/// <summary>
/// Publishes the outbox records of one service. Each partition is published in sequence, and no record of it while one with a lower number is still
/// open. Publishing twice, or on two instances, makes late duplicates at worst, never another order.
/// </summary>
internal sealed class OutboxDispatcher
{
    private const int EventGridPageSize = 100;

    private readonly CosmosPartitionStore _store;
    private readonly MessageCatalog _catalog;
    private readonly RelayOptions _options;
    private readonly TimeProvider _clock;
    private readonly OutboxReader _reader;
    private readonly ServiceBusDispatcher _serviceBus;
    private readonly EventGridDispatcher _eventGrid;
    private readonly OutboxCompleter _completer;
    private readonly PublishedNumbers _published = new();

    public OutboxDispatcher(CosmosPartitionStore store, RelayServices services, ILogger log)
    {
        _store = store;
        _catalog = services.Catalog;
        _options = services.Options;
        _clock = services.Clock;
        _reader = new OutboxReader(store, services.Catalog, services.Options, services.Clock, log);
        _serviceBus = new ServiceBusDispatcher(services.Sender, services.Options, services.Clock, services.Random, log);
        _eventGrid = new EventGridDispatcher(services.Events, services.Options, services.Clock, log);
        _completer = new OutboxCompleter(store, _eventGrid, services.Listeners, services.Options, services.Clock, log);
    }

    /// <summary>Publishes the backlogs record by record, all partitions side by side, and completes the records that were published.</summary>
    public async Task<DispatchTally> DispatchAsync(IReadOnlyList<PartitionBacklog> backlogs, CancellationToken cancellationToken)
    {
        var tally = new DispatchTally();
        var sent = new List<OutboxRecord>();
        var round = new List<(PartitionBacklog Backlog, OutboxRecord Record)>();
        while (true)
        {
            round.Clear();
            foreach (var backlog in backlogs)
            {
                if (NextOf(backlog, sent) is { } record)
                    round.Add((backlog, record));
            }

            if (round.Count == 0)
                break;
            var results = await _serviceBus.PublishAsync([.. round.Select(r => r.Record)], cancellationToken);
            for (var i = 0; i < results.Length; i++)
                tally += await NoteAsync(round[i].Backlog, round[i].Record, results[i], sent, cancellationToken);
        }

        var byPartition = backlogs.ToDictionary(l => l.Partition);
        var (incomplete, _) = await _completer.CompleteAsync(sent, evenIfCoolingDown: false, cancellationToken);
        foreach (var record in incomplete)
            byPartition[record.Partition].Stopped = true;
        return tally;
    }

    /// <summary>Reads partitions and publishes their backlogs, a bounded number at a time.</summary>
    /// <param name="partitions">The partitions, each with the record that the change feed delivered; <see langword="null"/> without one.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    public async Task<DispatchTally> DispatchAsync(IEnumerable<(Partition Partition, OutboxRecord? WokenBy)> partitions, CancellationToken cancellationToken)
    {
        var tally = new DispatchTally();
        var waiting = new Queue<(Partition Partition, OutboxRecord? WokenBy)>(partitions);
        while (waiting.Count > 0)
        {
            var group = new List<(Partition Partition, OutboxRecord? WokenBy)>(_options.Parallelism);
            while (group.Count < _options.Parallelism && waiting.TryDequeue(out var next))
                group.Add(next);
            var backlogs = await Task.WhenAll(group.Select(g => _reader.ReadAsync(g.Partition, g.WokenBy, cancellationToken)));
            var full = backlogs.Where(l => l.Records.Count >= _options.DispatchPageSize).ToList();
            tally += await DispatchAsync(backlogs, cancellationToken);
            foreach (var backlog in full.Where(l => !l.Stopped))
                waiting.Enqueue((backlog.Partition, null));
        }

        return tally;
    }

    /// <summary>
    /// Publishes to Event Grid what it did not accept before; one request that fails ends it for this time. The next sweep waits for this one, so it takes
    /// a limited time.
    /// </summary>
    /// <param name="writtenUntil">Only records that were written at that second, UTC, or before.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    public async Task SweepEventGridAsync(long writtenUntil, CancellationToken cancellationToken)
    {
        var started = _clock.GetTimestamp();
        await foreach (var page in _store.PagesAsync(StoreQueries.UnsentToEventGrid(writtenUntil), null, null, EventGridPageSize, cancellationToken))
        {
            using (page.Document)
            {
                var records = page.Items.Select(item => OutboxRecord.Read(item, _catalog)).ToList();
                var (incomplete, hasFailed) = await _completer.CompleteAsync(records, evenIfCoolingDown: true, cancellationToken);
                if (hasFailed || incomplete.Count > 0 || _clock.GetElapsedTime(started) >= _options.EventGridSweepBudget)
                    return;
            }
        }
    }

    /// <summary>The backlog's next record, if it may be published now.</summary>
    private OutboxRecord? NextOf(PartitionBacklog backlog, List<OutboxRecord> sent)
    {
        while (!backlog.Stopped && backlog.Records.TryDequeue(out var record))
        {
            var upTo = _published.UpTo(backlog.Partition);
            if (record.IsSent)
            {
                // Later records do not wait for it: only Event Grid has not got it.
                if (!record.IsQuarantined && !_eventGrid.IsCoolingDown)
                    sent.Add(record);
            }
            else if (record.IsQuarantined)
            {
                backlog.Stopped = true;
            }
            else if (!backlog.IsComplete && record.Last > 0 && record.Last <= upTo)
            {
                // Published by this very instance; what is left is to delete it. (0: its numbers cannot be read.)
                sent.Add(record);
            }
            else if (backlog.IsComplete || record.First == 1 || record.First == upTo + 1)
            {
                return record;
            }
            else
            {
                backlog.Stopped = true;
                backlog.NeedsRead = record;
            }
        }

        return null;
    }

    private async Task<DispatchTally> NoteAsync(
        PartitionBacklog backlog, OutboxRecord record, PublishResult result, List<OutboxRecord> sent, CancellationToken cancellationToken)
    {
        switch (result.Outcome)
        {
            case PublishOutcome.Published:
                _published.Set(backlog.Partition, record.Last);
                sent.Add(record);
                Telemetry.CommitToPublish.Record(
                    (_clock.GetUtcNow() - record.CommittedAt).TotalSeconds, new KeyValuePair<string, object?>("container", _store.Name));
                return new DispatchTally { Published = 1 };
            case PublishOutcome.Refused:
                backlog.Stopped = true;
                await _completer.QuarantineAsync(record, result.Reason!, isSent: false, cancellationToken);
                return new DispatchTally { Published = 1 };
            default:
                // An unavailable destination is no reason to hold up the change feed: the others may be available.
                backlog.Stopped = true;
                return new DispatchTally { Failed = result.Outcome == PublishOutcome.Unavailable ? 1 : 0 };
        }
    }
}
