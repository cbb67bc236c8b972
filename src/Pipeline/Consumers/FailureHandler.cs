using Pipeline.DeadLetters;
using Pipeline.Failures;
using Pipeline.Storage;

namespace Pipeline.Consumers;

/// <summary>Stores failures of handlers on the partition as it is now: it was read before the handler ran, and may have moved on since.</summary>
internal sealed class FailureHandler(
    HandlerInvoker handlers, IPartitionStore store, ConsumerServices services, FailurePolicy policy, FailedMessages failed, StoreOutages outages)
{
    /// <summary>
    /// A failure that trying again cannot mend. The head in memory was changed while deciding, so it is read again; if the partition has moved on
    /// meanwhile, the failure was decided on a state that is no longer true.
    /// </summary>
    public async Task<Settlement?> StorePermanentAsync(
        ParsedMessage message, DeadLetter? replayed, string? decidedOn, Exception exception, CancellationToken cancellationToken)
    {
        using var read = await store.ReadAsync(message.Partition, head => MessageRecords.Of(handlers, message, head), cancellationToken);
        if (read.Head.ETag != decidedOn)
            return null;
        var deadLetter = replayed is null ? null : read.Find(replayed.Id, DeadLetterJson.Default.DeadLetter);
        return await failed.StoreAsync(message, read.Head, deadLetter, Failure.Of(DeadLetterReasons.HandlerFailed, exception), null, cancellationToken);
    }

    /// <summary>
    /// Stores a failure with its next retry, unless the partition has moved on so that the rules say something else: <see langword="null"/>, and
    /// the rules start again. A store that is unavailable is waited for here, so that the handler does not run again for nothing.
    /// </summary>
    public async Task<Settlement?> StoreAsync(ParsedMessage message, Exception exception, StoreTimeout timeout, CancellationToken cancellationToken)
    {
        var (rounds, attempts) = (0, 0);
        while (rounds++ < MessageHandler.MaxRounds)
        {
            try
            {
                using var read = await store.ReadAsync(message.Partition, head => MessageRecords.Of(handlers, message, head), cancellationToken);
                var position = read.Head.PositionOf(handlers.Name);
                var replayed = MessageRecords.ReplayedIn(read, message);
                var isReplay = message.Received.ReplayOf is not null;
                var hasMovedOn = read.Find(message.InboxId) is not null
                    || (isReplay ? !IsReplayed(replayed, message.Received, position) : read.Find(message.DeadLetterId.Value) is not null || position.Blocked is not null)
                    || HandlingRules.CheckOrderAndAge(
                        message.Message, handlers.Consumer.IsUnordered, position, isReplay, services.Clock.GetUtcNow(), services.Options) is not null;
                if (hasMovedOn)
                    return null;
                var (failure, retries, retry) = policy.Judge(replayed, exception);
                if (replayed is not null)
                    replayed.Retries = retries;
                if (await failed.StoreAsync(message, read.Head, replayed, failure, retry, cancellationToken) is { } settlement)
                    return settlement;
            }
            catch (DamagedPartitionException damage)
            {
                return await outages.GiveBackDamagedAsync(message, damage, cancellationToken);
            }
            catch (Exception outage)
            {
                rounds--;
                if (await outages.WaitAsync(message, timeout, outage, ++attempts, cancellationToken) is { } settlement)
                    return settlement;
            }
        }

        return null;
    }

    /// <summary>Whether the dead letter is still the one that a replay is to handle.</summary>
    private static bool IsReplayed(DeadLetter? deadLetter, ReceivedMessage received, ConsumerPosition position) =>
        deadLetter is { Open: true } && deadLetter.Attempt <= received.ReplayAttempt && (!deadLetter.InOrder || position.Blocked == deadLetter.Id);
}
