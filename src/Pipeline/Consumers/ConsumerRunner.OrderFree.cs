using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Pipeline.DeadLetters;
using Pipeline.Outbox;
using Pipeline.Storage;

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
    public async Task<IReadOnlyList<Settlement>> HandleBatchAsync(IReadOnlyList<ReceivedMessage> deliveries, CancellationToken cancellationToken)
    {
        if (!_consumer.IsUnordered)
            throw new InvalidOperationException($"'{_consumer.Name}' keeps the order of its sessions and takes one message at a time.");
        var patience = new StoreTimeout(_clock, _options.StoreOutageTimeout);
        var arrivals = deliveries.Select(d => ParsedMessage.Read(_consumer, d, _catalog)).ToList();
        var parts = arrivals.ConvertAll(a => CanBeBatched(a) ? a.Parts() : []);
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
            settlements[i] = left[i] == 0 ? Settlement.Complete
                : patience.IsOver ? Settlement.GiveBack
                : await HandleAsync(ParsedMessage.Read(_consumer, deliveries[i], _catalog), patience, cancellationToken));
        return settlements;
    }

    /// <summary>Replays, unreadable messages and those that failed before go by themselves.</summary>
    private static bool CanBeBatched(ParsedMessage arrival) => arrival.Data is not null && arrival.Received is { ReplayOf: null, CountedDeliveries: <= 1 };

    /// <summary>Tries to handle messages of one partition in one commit. False for each that is left to be handled by itself.</summary>
    private async Task<bool[]> HandleTogetherAsync(IReadOnlyList<ParsedMessage> arrivals, CancellationToken cancellationToken)
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
        catch (Exception e)
        {
            // One by one: there each failure is dealt with for what it is, and it holds up no other partition of the batch.
            _log.LogDebug(e, "{Consumer}: {Count} messages of '{Partition}' are handled one by one.", _consumer.Name, arrivals.Count, arrivals[0].Partition);
        }

        return handled;
    }

    private async Task<CommitOutcome> HandleTogetherOnceAsync(IReadOnlyList<ParsedMessage> arrivals, bool[] handled, CancellationToken cancellationToken)
    {
        var partition = arrivals[0].Partition;
        using var read = await _store.ReadAsync(partition, head => RecordsOf(arrivals, head), cancellationToken);
        var head = read.Head;
        var now = _clock.GetUtcNow();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var fresh = new List<int>();
        for (var i = 0; i < arrivals.Count; i++)
        {
            // What was handled, or is in the ledger, is dealt with by itself.
            var isNew = read.Find(arrivals[i].InboxId) is null && read.Find(arrivals[i].EntryId) is null && seen.Add(arrivals[i].InboxId);
            if (isNew && arrivals[i].Rule2Error(_consumer, head.Of(_consumer.Name), false, now, _options) is null)
                fresh.Add(i);
        }

        if (fresh.Count == 0)
            return CommitOutcome.Committed;
        var commit = new UnitOfWork(partition);

        // There is one span for all of them; what a message causes goes on with that message's own trace.
        var contexts = fresh.ConvertAll(i => arrivals[i].ContextAt(now) with { TraceParent = arrivals[i].Message!.TraceParent ?? Activity.Current?.Id });
        var decided = await _consumer.DecideAsync(
            new Handling
            {
                Messages = [.. fresh.Select((i, n) => (arrivals[i].HandledAs!, arrivals[i].Data!, contexts[n]))],
                Read = read,
                Commit = commit,
                Gateways = _gateways,
                Breakers = _breakers,
                IsRetry = true, // What fails is handled once more, by itself, and that counts.
                LeaveOutFailures = true,
            },
            cancellationToken);
        if (decided.LeftOut.Count == fresh.Count)
            return CommitOutcome.Committed;
        var sent = await OutboxWriter.AddAsync(commit, head, _consumer.Service, _catalog, decided.Outgoing, _claimCheck, cancellationToken);
        for (var n = fresh.Count - 1; n >= 0; n--)
        {
            if (decided.LeftOut.Contains(n))
                continue;
            var caused = sent.Where(m => ReferenceEquals(decided.Outgoing[m.Decided].Context, contexts[n])).ToList();
            commit.CreateFirst(
                arrivals[fresh[n]].InboxId,
                arrivals[fresh[n]].InboxRecordOf(_consumer, contexts[n], head.Commits + 1, caused, _options),
                RecordJson.Default.InboxRecord,
                CommitOutcome.AlreadyHandled);
        }

        DeadLetterStore.AddHead(commit, head);
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

    private IEnumerable<string> RecordsOf(IReadOnlyList<ParsedMessage> arrivals, PartitionHead head)
    {
        var ids = arrivals.Select(a => a.InboxId).Concat(_consumer.StateRecordsOf(head));
        return head.Of(_consumer.Name).Entries > 0 ? ids.Concat(arrivals.Select(a => a.EntryId)) : ids;
    }

    /// <summary>One message, in all partitions that it concerns. It is complete when all of them are.</summary>
    private async Task<Settlement> HandlePartsAsync(ParsedMessage arrival, StoreTimeout patience, Activity? activity, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await HandlePartsOnceAsync(arrival, patience, activity, cancellationToken);
            }
            catch (Exception e)
            {
                // Rule 7; a payload store out of reach is one of these. What is done already is recognised the next time.
                if (await WaitAsync(arrival, patience, e, attempt, cancellationToken) is { } given)
                    return given;
            }
        }
    }

    private async Task<Settlement> HandlePartsOnceAsync(ParsedMessage arrival, StoreTimeout patience, Activity? activity, CancellationToken cancellationToken)
    {
        // Which partitions it concerns may stand in data that is kept elsewhere.
        await arrival.ResolveAsync(_consumer, _catalog, _claimCheck, cancellationToken);
        if (await IsDoneWithAsync(arrival, cancellationToken))
            return Settlement.Complete;
        if (arrival.Received.ReplayOf is { } replayOf && arrival.HasPartitions && replayOf != arrival.In(arrival.Partition).EntryId)
            return await HandleOnceReadableAsync(arrival, replayOf, patience, activity, cancellationToken);
        var worst = Settlement.Complete;
        foreach (var part in arrival.Parts())
        {
            var settlement = await HandleAsync(part, patience, activity, cancellationToken);
            if (settlement.Kind == SettlementKind.GiveBack)
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
    private async Task<bool> IsDoneWithAsync(ParsedMessage arrival, CancellationToken cancellationToken)
    {
        if (!arrival.HasPartitions || arrival.Received is { ReplayOf: null, DeliveryCount: <= 1 })
            return false;
        using var read = await _store.ReadItemsAsync(arrival.Partition, [arrival.EntryId], cancellationToken);
        return read.Find(arrival.EntryId, RecordJson.Default.DeadLetter) is { Open: false };
    }

    /// <summary>
    /// The replay of a message that could not be read when it came, so that none of its partitions knows of it: it is handled
    /// as if it came now, and the entry that it was kept in is closed.
    /// </summary>
    private async Task<Settlement> HandleOnceReadableAsync(
        ParsedMessage arrival, string entryId, StoreTimeout patience, Activity? activity, CancellationToken cancellationToken)
    {
        using (var kept = await _store.ReadItemsAsync(arrival.Partition, [entryId], cancellationToken))
        {
            if (kept.Find(entryId, RecordJson.Default.DeadLetter) is not { Open: true } open || open.Attempt > arrival.Received.ReplayAttempt)
                return Settlement.Complete;
        }

        var isOld = await IsHandledByOthersAsync(arrival, cancellationToken);
        var settlement = await HandlePartsAsync(arrival.WithoutReplay(), patience, activity, cancellationToken);
        for (var round = 1; round <= MaxRounds && settlement.Kind is SettlementKind.Complete or SettlementKind.DeadLetter; round++)
        {
            using var read = await _store.ReadItemsAsync(arrival.Partition, [Messages.Ids.Head, entryId], cancellationToken);
            if (read.Find(entryId, RecordJson.Default.DeadLetter) is not { Open: true } entry)
                return Settlement.Complete;
            var head = read.Find(Messages.Ids.Head, RecordJson.Default.PartitionHead)!;
            var outcome = isOld
                ? await _ledger.CloseAlreadyHandledAsync(head, entry, cancellationToken)
                : await _ledger.CloseAloneAsync(head, entry, DeadLetterResults.Handled, $"handled by replay '{arrival.ReplayId}'", cancellationToken);
            if (outcome == CommitOutcome.Committed)
                return Settlement.Complete;
        }

        return settlement;
    }

    /// <summary>Whether the message had its effect in all its partitions, and not by this replay.</summary>
    private async Task<bool> IsHandledByOthersAsync(ParsedMessage arrival, CancellationToken cancellationToken)
    {
        foreach (var part in arrival.WithoutReplay().Parts())
        {
            using var read = await _store.ReadItemsAsync(part.Partition, [part.InboxId], cancellationToken);
            if (read.Find(part.InboxId, RecordJson.Default.InboxRecord) is not { } inbox || inbox.Replay == arrival.ReplayId)
                return false;
        }

        return true;
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
