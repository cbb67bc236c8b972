using System.Diagnostics;
using Pipeline.Storage;

namespace Pipeline.Consumers;

/// <summary>
/// Handles many messages of an unordered consumer together: those of one partition in one commit. What is left over from a batch is handled one by
/// one, where each failure is treated for what it is.
/// </summary>
internal sealed class BatchHandler(
    Consumer consumer, IPartitionStore store, ConsumerServices services, MessageHandler handler, UnorderedConsumer single, IConsumerObserver observer)
{
    /// <summary>Messages in one commit at most: each has an inbox record, and one batch takes 100 operations.</summary>
    private const int MaxMessagesPerCommit = 90;

    /// <summary>Attempts to write a batch before its messages are handled one by one.</summary>
    private const int MaxRounds = 3;

    private const int Parallelism = 16;

    /// <summary>Handles the messages of one invocation. The result has one settlement for each message, in the same order.</summary>
    public async Task<IReadOnlyList<Settlement>> HandleAsync(IReadOnlyList<ReceivedMessage> received, CancellationToken cancellationToken)
    {
        var timeout = new StoreTimeout(services.Clock, services.Options.StoreOutageTimeout);
        var parts = received.Select(handler.Parser.Parse).Select(m => CanBeBatched(m) ? m.Parts() : []).ToList();
        var left = parts.Select(p => p.Count == 0 ? -1 : p.Count).ToArray();
        var chunks = parts
            .SelectMany((list, index) => list.Select(part => (Index: index, Part: part)))
            .GroupBy(p => p.Part.Partition)
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

        var settlements = new Settlement[received.Count];
        await ForEachAsync(Enumerable.Range(0, received.Count), async i =>
            settlements[i] = left[i] == 0 ? Settlement.Complete
                : timeout.IsOver ? Settlement.GiveBack
                : await single.HandleAsync(handler.Parser.Parse(received[i]), timeout, cancellationToken));
        return settlements;
    }

    /// <summary>Replays, unreadable messages and those that failed before are handled by themselves.</summary>
    private static bool CanBeBatched(ParsedMessage message) => message.Data is not null && message.Received is { ReplayOf: null, CountedDeliveries: <= 1 };

    /// <summary>Tries to handle messages of one partition in one commit. False for each that is left to be handled by itself.</summary>
    private async Task<bool[]> HandleTogetherAsync(IReadOnlyList<ParsedMessage> messages, CancellationToken cancellationToken)
    {
        var handled = new bool[messages.Count];
        try
        {
            for (var round = 1; round <= MaxRounds; round++)
            {
                if (await HandleTogetherOnceAsync(messages, handled, cancellationToken) == CommitOutcome.Committed)
                    break;
            }
        }
        catch (Exception e)
        {
            // One by one: a failure must not hold up the other partitions of the batch.
            observer.BatchSplit(messages[0].Partition, messages.Count, e);
        }

        return handled;
    }

    private async Task<CommitOutcome> HandleTogetherOnceAsync(IReadOnlyList<ParsedMessage> messages, bool[] handled, CancellationToken cancellationToken)
    {
        using var read = await store.ReadAsync(messages[0].Partition, head => MessageRecords.Of(handler.Handlers, messages, head), cancellationToken);
        var now = services.Clock.GetUtcNow();
        var fresh = FreshOnesOf(messages, read, now);
        if (fresh.Count == 0)
            return CommitOutcome.Committed;

        // There is one span for all of them; the messages that one causes continue that one's own trace.
        var decided = fresh.ConvertAll(i => (
            Message: messages[i], Context: messages[i].ContextAt(now) with { TraceParent = messages[i].Message!.TraceParent ?? Activity.Current?.Id }));
        var work = new UnitOfWork(read.Head);

        // As a retry: what fails is handled once more, by itself, and that counts against the gateway.
        var leftOut = await handler.Handlers.DecideAsync(
            read, work, decided, new GatewayAccess(services.Gateways, services.Breakers, IsRetry: true), leaveOutFailures: true, cancellationToken);
        if (leftOut.Count == fresh.Count)
            return CommitOutcome.Committed;
        var done = Enumerable.Range(0, fresh.Count).Where(n => !leftOut.Contains(n)).ToList();
        await handler.Effects.AddAsync(
            work, done.ConvertAll(n => (handler.InboxRecordOf(decided[n].Message, decided[n].Context, work), decided[n].Context)), cancellationToken);
        var outcome = await store.CommitAsync(work, cancellationToken);
        if (outcome != CommitOutcome.Committed)
            return outcome;
        foreach (var n in done)
        {
            handled[fresh[n]] = true;
            observer.Handled(decided[n].Message, now);
        }

        return outcome;
    }

    /// <summary>Indexes of the messages that were not seen before. What was handled, or is a dead letter, is handled by itself.</summary>
    private List<int> FreshOnesOf(IReadOnlyList<ParsedMessage> messages, PartitionRead read, DateTimeOffset now)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var position = read.Head.PositionOf(handler.Handlers.Name);
        var fresh = new List<int>();
        for (var i = 0; i < messages.Count; i++)
        {
            var isNew = read.Find(messages[i].InboxId) is null && read.Find(messages[i].DeadLetterId.Value) is null && seen.Add(messages[i].InboxId);
            if (isNew && HandlingRules.CheckOrderAndAge(messages[i].Message, consumer.IsUnordered, position, isReplay: false, now, services.Options) is null)
                fresh.Add(i);
        }

        return fresh;
    }

    private static Task ForEachAsync<T>(IEnumerable<T> items, Func<T, Task> action) =>
        Parallel.ForEachAsync(items, new ParallelOptions { MaxDegreeOfParallelism = Parallelism }, async (item, _) => await action(item));
}
