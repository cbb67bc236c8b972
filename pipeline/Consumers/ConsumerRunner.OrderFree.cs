using System.Diagnostics;
using Pipeline.Ledger;
using Pipeline.Outbox;
using Pipeline.Partitions;
using Pipeline.State;

namespace Pipeline.Consumers;

/// <content>
/// Order-free consumers: one message in several partitions, many messages of one partition in one commit. Every message
/// keeps an inbox record of its own in every partition that it concerns, so that whatever is left over from a batch is
/// simply handled one by one.
/// </content>
public sealed partial class ConsumerRunner
{
    /// <summary>Messages in one commit at most: each has an inbox record, and one batch takes 100 operations.</summary>
    private const int MaxMessagesPerCommit = 90;

    /// <summary>Attempts to write a batch before its messages are handled one by one.</summary>
    private const int MaxBatchRounds = 3;

    /// <summary>
    /// Handles the deliveries of one invocation together: those of one partition in one commit. A message that fails does
    /// so alone. The result has one settlement for each delivery, in the same order.
    /// </summary>
    /// <exception cref="InvalidOperationException">The consumer is not order-free.</exception>
    public async Task<IReadOnlyList<Settlement>> HandleBatchAsync(IReadOnlyList<Delivery> deliveries, CancellationToken cancellationToken)
    {
        if (!_consumer.IsOrderFree)
            throw new InvalidOperationException($"'{_consumer.Name}' keeps the order of its sessions and takes one message at a time.");
        var arrivals = deliveries.Select(d => Arrival.Read(_consumer, d, _catalog)).ToList();
        var parts = arrivals.ConvertAll(a => CanBeBatched(a) ? a.Parts(_consumer) : []);
        var left = parts.Select(p => p.Count == 0 ? -1 : p.Count).ToArray();
        var chunks = parts
            .SelectMany((list, index) => list.Select(part => (Index: index, Part: part)))
            .GroupBy(p => p.Part.Partition, StringComparer.Ordinal)
            .SelectMany(group => group.Chunk(MaxMessagesPerCommit));
        await ForEachAsync(chunks, async chunk =>
        {
            var handled = await HandleTogetherAsync([.. chunk.Select(c => c.Part)], cancellationToken);
            for (var i = 0; i < chunk.Length; i++)
            {
                if (handled[i])
                    Interlocked.Decrement(ref left[chunk[i].Index]);
            }
        });

        var settlements = new Settlement[deliveries.Count];
        await ForEachAsync(Enumerable.Range(0, deliveries.Count), async i =>
            settlements[i] = left[i] == 0 ? Settlement.Complete : await HandleAsync(deliveries[i], cancellationToken));
        return settlements;
    }

    /// <summary>Replays, unreadable messages and those that failed before go by themselves.</summary>
    private static bool CanBeBatched(Arrival arrival) => arrival.Data is not null && arrival.Delivery is { ReplayOf: null, DeliveryCount: <= 1 };

    /// <summary>Tries to handle messages of one partition in one commit. False for each that is left to be handled by itself.</summary>
    private async Task<bool[]> HandleTogetherAsync(IReadOnlyList<Arrival> arrivals, CancellationToken cancellationToken)
    {
        var handled = new bool[arrivals.Count];
        try
        {
            for (var round = 1; round <= MaxBatchRounds; round++)
            {
                if (await HandleTogetherOnceAsync(arrivals, handled, cancellationToken) == CommitOutcome.Committed)
                    break;
            }
        }
        catch (Exception e) when (e is StoreUnavailableException or CommitTooLargeException or ArgumentException or PermanentFailureException)
        {
            // One by one: there each failure is dealt with for what it is.
        }

        return handled;
    }

    private async Task<CommitOutcome> HandleTogetherOnceAsync(IReadOnlyList<Arrival> arrivals, bool[] handled, CancellationToken cancellationToken)
    {
        var partition = arrivals[0].Partition;
        using var read = await _store.ReadAsync(
            partition, head => arrivals.Select(a => a.InboxId).Concat(_consumer.StateRecordsOf(head)), cancellationToken);
        var head = read.Head;
        if (head.Of(_consumer.Name).Entries > 0)
            return CommitOutcome.Committed; // Somebody has to look for ledger entries: not here.
        var now = _clock.GetUtcNow();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var fresh = new List<int>();
        for (var i = 0; i < arrivals.Count; i++)
        {
            var isNew = read.Find(arrivals[i].InboxId) is null && seen.Add(arrivals[i].InboxId);
            if (isNew && arrivals[i].WhyTooLate(_consumer, head.Of(_consumer.Name), false, now, _options) is null)
                fresh.Add(i);
        }

        if (fresh.Count == 0)
            return CommitOutcome.Committed;
        var commit = new Commit(partition);
        var contexts = fresh.ConvertAll(i => arrivals[i].ContextAt(now));
        var decided = await _consumer.DecideAsync(
            new Handling
            {
                Messages = [.. fresh.Select((i, n) => (arrivals[i].Data!, contexts[n]))],
                Read = read,
                Commit = commit,
                Gateways = _gateways,
                LeaveOutFailures = true,
            },
            cancellationToken);
        if (decided.LeftOut.Count == fresh.Count)
            return CommitOutcome.Committed;
        var sent = await OutboxRecord.AddAsync(commit, head, _consumer.Service, _catalog, decided.Outgoing, _claimCheck, cancellationToken);
        for (var n = fresh.Count - 1; n >= 0; n--)
        {
            if (decided.LeftOut.Contains(n))
                continue;
            var caused = sent.Where((_, k) => ReferenceEquals(decided.Outgoing[k].Context, contexts[n])).ToList();
            commit.CreateFirst(
                arrivals[fresh[n]].InboxId,
                arrivals[fresh[n]].InboxRecordOf(_consumer, contexts[n], head.Commits + 1, caused, _options),
                RecordJson.Default.InboxRecord,
                CommitOutcome.AlreadyHandled);
        }

        LedgerWriter.AddHead(commit, head);
        var outcome = await _store.WriteAsync(commit, cancellationToken);
        if (outcome == CommitOutcome.Committed)
        {
            for (var n = 0; n < fresh.Count; n++)
            {
                if (decided.LeftOut.Contains(n))
                    continue;
                handled[fresh[n]] = true;
                CountHandled(arrivals[fresh[n]], now);
            }
        }

        return outcome;
    }

    /// <summary>One message, in all partitions that it concerns. It is complete when all of them are.</summary>
    private async Task<Settlement> HandlePartsAsync(Arrival arrival, Activity? activity, CancellationToken cancellationToken)
    {
        try
        {
            // Which partitions it concerns may stand in data that is kept elsewhere.
            await arrival.ResolveAsync(_consumer, _catalog, _claimCheck, cancellationToken);
            if (await IsDoneWithAsync(arrival, cancellationToken))
                return Settlement.Complete;
        }
        catch (StoreUnavailableException)
        {
            await PauseAsync(_redelivery, _redelivery.Attempts, cancellationToken);
            return Settlement.ReleaseSession;
        }

        if (arrival.Delivery.ReplayOf == arrival.EntryId && arrival.Data is not null && _consumer.PartitionsOf(arrival.Data, arrival.Message!).Count > 0)
            return await HandleOnceReadableAsync(arrival, activity, cancellationToken);
        var worst = Settlement.Complete;
        foreach (var part in arrival.Parts(_consumer))
        {
            var settlement = await HandleAsync(part, activity, cancellationToken);
            if (settlement.Kind == SettlementKind.ReleaseSession)
                return settlement;
            if (Rank(settlement.Kind) > Rank(worst.Kind))
                worst = settlement;
        }

        return worst;
    }

    /// <summary>
    /// Whether a message that could not be read when it came has been dealt with since: discarded, say. Its entry is where
    /// its session is, not in the partitions that it concerns, which know nothing of it.
    /// </summary>
    private async Task<bool> IsDoneWithAsync(Arrival arrival, CancellationToken cancellationToken)
    {
        if (arrival.Data is null || arrival.Delivery is { ReplayOf: null, DeliveryCount: <= 1 } || _consumer.PartitionsOf(arrival.Data, arrival.Message!).Count == 0)
            return false;
        using var read = await _store.ReadItemsAsync(arrival.Partition, [arrival.EntryId], cancellationToken);
        return read.Find(arrival.EntryId, RecordJson.Default.LedgerEntry) is { Open: false };
    }

    /// <summary>
    /// The replay of a message that could not be read when it came, so that none of its partitions knows of it: it is handled
    /// as if it came now, and the entry that it was kept in is closed.
    /// </summary>
    private async Task<Settlement> HandleOnceReadableAsync(Arrival arrival, Activity? activity, CancellationToken cancellationToken)
    {
        var settlement = await HandlePartsAsync(arrival.WithoutReplay(), activity, cancellationToken);
        for (var round = 1; round <= MaxRounds && settlement.Kind is SettlementKind.Complete or SettlementKind.DeadLetter; round++)
        {
            using var read = await _store.ReadItemsAsync(arrival.Partition, [Messages.Ids.Head, arrival.EntryId], cancellationToken);
            if (read.Find(arrival.EntryId, RecordJson.Default.LedgerEntry) is not { Open: true } entry)
                return Settlement.Complete;
            var head = read.Find(Messages.Ids.Head, RecordJson.Default.Head)!;
            if (await _ledger.CloseAloneAsync(head, entry, $"handled by replay '{arrival.Delivery.ReplayId}'", cancellationToken) == CommitOutcome.Committed)
                return Settlement.Complete;
        }

        return settlement;
    }

    private static int Rank(SettlementKind kind) => kind switch
    {
        SettlementKind.Complete => 0,
        SettlementKind.DeadLetter => 1,
        SettlementKind.Abandon => 2,
        _ => 3,
    };

    private static Task ForEachAsync<T>(IEnumerable<T> items, Func<T, Task> action) =>
        Parallel.ForEachAsync(items, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (item, _) => await action(item));
}
