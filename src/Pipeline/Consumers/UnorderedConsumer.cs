using System.Diagnostics;
using Pipeline.Client;
using Pipeline.DeadLetters;
using Pipeline.Inbox;
using Pipeline.Storage;

namespace Pipeline.Consumers;

/// <summary>
/// Handles the messages of a consumer that takes them in any order. A message may concern several partitions, and has an inbox record of its own
/// in each; it is complete when all of them are.
/// </summary>
internal sealed class UnorderedConsumer(IPartitionStore store, MessageHandler handler, IConsumerObserver observer)
{
    /// <summary>Handles one message by itself. Nothing is settled here.</summary>
    public async Task<Settlement> HandleAsync(ParsedMessage message, StoreTimeout timeout, CancellationToken cancellationToken)
    {
        using var activity = observer.Begin(message);
        try
        {
            return await HandlePartsAsync(message, timeout, activity, cancellationToken);
        }
        catch (DamagedPartitionException e)
        {
            return await handler.Outages.GiveBackDamagedAsync(message, e, cancellationToken);
        }
    }

    private async Task<Settlement> HandlePartsAsync(ParsedMessage message, StoreTimeout timeout, Activity? activity, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await HandlePartsOnceAsync(message, timeout, activity, cancellationToken);
            }
            catch (Exception e)
            {
                // Rule 7; an unavailable payload store is one of these. Parts that are done are recognised the next time.
                if (await handler.Outages.WaitAsync(message, timeout, e, attempt, cancellationToken) is { } settlement)
                    return settlement;
            }
        }
    }

    private async Task<Settlement> HandlePartsOnceAsync(ParsedMessage message, StoreTimeout timeout, Activity? activity, CancellationToken cancellationToken)
    {
        // Which partitions it concerns may be said in data that is stored elsewhere.
        await handler.Parser.ResolveAsync(message, cancellationToken);
        if (await IsClosedAsync(message, cancellationToken))
            return Settlement.Complete;
        if (message.Received.ReplayOf is { } replayOf && message.Partitions.Count > 0 && replayOf != message.In(message.Partition).DeadLetterId)
            return await HandleOnceReadableAsync(message, replayOf, timeout, activity, cancellationToken);
        var worst = Settlement.Complete;
        foreach (var part in message.Parts())
        {
            var settlement = await handler.HandleAsync(part, timeout, activity, cancellationToken);
            if (settlement.Kind == SettlementKind.GiveBack)
                return settlement;
            if (Rank(settlement.Kind) > Rank(worst.Kind))
                worst = settlement;
        }

        return worst;
    }

    /// <summary>
    /// Whether a message that could not be read when it came was closed since: discarded, say. Its dead letter is in the partition of its session,
    /// not in the partitions that it concerns.
    /// </summary>
    private async Task<bool> IsClosedAsync(ParsedMessage message, CancellationToken cancellationToken)
    {
        if (message.Partitions.Count == 0 || message.Received is { ReplayOf: null, DeliveryCount: <= 1 })
            return false;
        using var read = await store.ReadItemsAsync(message.Partition, [message.DeadLetterId.Value], cancellationToken);
        return read.Find(message.DeadLetterId, DeadLetterJson.Default.DeadLetter) is { Open: false };
    }

    /// <summary>
    /// The replay of a message that could not be read when it came, so that none of its partitions has a record of it: it is handled as if it came
    /// now, and the dead letter that kept it is closed.
    /// </summary>
    private async Task<Settlement> HandleOnceReadableAsync(
        ParsedMessage message, DeadLetterId deadLetterId, StoreTimeout timeout, Activity? activity, CancellationToken cancellationToken)
    {
        using (var kept = await store.ReadItemsAsync(message.Partition, [deadLetterId.Value], cancellationToken))
        {
            if (kept.Find(deadLetterId, DeadLetterJson.Default.DeadLetter) is not { Open: true } open || open.Attempt > message.Received.ReplayAttempt)
                return Settlement.Complete;
        }

        var wasHandled = await IsHandledByOthersAsync(message, cancellationToken);
        var settlement = await HandlePartsAsync(message.WithoutReplay(), timeout, activity, cancellationToken);
        for (var round = 1; round <= MessageHandler.MaxRounds && settlement.Kind is SettlementKind.Complete or SettlementKind.DeadLetter; round++)
        {
            using var read = await store.ReadAsync(message.Partition, _ => [deadLetterId.Value], cancellationToken);
            if (read.Find(deadLetterId, DeadLetterJson.Default.DeadLetter) is not { Open: true } deadLetter)
                return Settlement.Complete;
            var outcome = wasHandled
                ? await handler.DeadLetters.CloseAlreadyHandledAsync(read.Head, deadLetter, cancellationToken)
                : await handler.DeadLetters.CloseAsync(
                    read.Head, deadLetter, DeadLetterResults.Handled, $"handled by replay '{message.ReplayId}'", cancellationToken);
            if (outcome == CommitOutcome.Committed)
                return Settlement.Complete;
        }

        return settlement;
    }

    /// <summary>Whether the message had its effect in all its partitions, and not by this replay.</summary>
    private async Task<bool> IsHandledByOthersAsync(ParsedMessage message, CancellationToken cancellationToken)
    {
        foreach (var part in message.WithoutReplay().Parts())
        {
            using var read = await store.ReadItemsAsync(part.Partition, [part.InboxId], cancellationToken);
            if (read.Find(part.InboxId, InboxJson.Default.InboxRecord) is not { } inbox || inbox.Replay == message.ReplayId)
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
}
