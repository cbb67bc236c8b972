using Pipeline.DeadLetters;
using Pipeline.Failures;
using Pipeline.Storage;

namespace Pipeline.Consumers;

/// <summary>Rule 6: stores messages that were not handled as dead letters, and the failures of replays on theirs.</summary>
internal sealed class FailedMessages(Consumer consumer, IPartitionStore store, ConsumerServices services, IConsumerObserver observer)
{
    private readonly ConsumerName _name = new(consumer.Name);
    private readonly DeadLetterStore _deadLetters = new(new ConsumerName(consumer.Name), store, services.Clock);

    public DeadLetterStore DeadLetters => _deadLetters;

    /// <summary>
    /// Stores a message that was not handled: a new dead letter and the block of its subject in one unit of work, or, for a replay, the failure on
    /// its dead letter. <see langword="null"/> if the partition moved on: the rules start again.
    /// </summary>
    /// <param name="message">The message.</param>
    /// <param name="head">The head of its partition.</param>
    /// <param name="replayed">The dead letter that is replayed; <see langword="null"/> if the message is not a replay.</param>
    /// <param name="failure">Why.</param>
    /// <param name="retry">When it is retried; <see langword="null"/> if it waits for an operator.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    public async Task<Settlement?> StoreAsync(
        ParsedMessage message, PartitionHead head, DeadLetter? replayed, Failure failure, DelayedRetry? retry, CancellationToken cancellationToken)
    {
        if (replayed is not null)
            return await FailReplayAsync(head, replayed, failure, retry, cancellationToken);
        var deadLetter = NewDeadLetter(message, failure, HandlingRules.KeepsPosition(failure.Reason, consumer.IsUnordered));
        var outcome = await _deadLetters.AddAsync(head, deadLetter, retry, cancellationToken);
        if (outcome == CommitOutcome.Committed)
            observer.DeadLettered(deadLetter, failure, retry);
        return outcome == CommitOutcome.Moved ? null : Settlement.DeadLetter(failure);
    }

    /// <summary>Notes on a dead letter that its replay has no turn: another one blocks the subject, and this one waits behind it.</summary>
    public async Task<Settlement?> RefuseOutOfTurnAsync(PartitionHead head, DeadLetter deadLetter, DeadLetterId? blocker, CancellationToken cancellationToken)
    {
        var failure = new Failure(DeadLetterReasons.BlockedByPredecessor, $"Replayed out of turn, behind '{blocker}'; not handled.");
        var what = $"replayed out of turn, behind '{blocker}'; not handled";
        var outcome = await _deadLetters.RaiseAttemptAsync(head, deadLetter, what, DeadLetterReasons.BlockedByPredecessor, cancellationToken);
        if (outcome == CommitOutcome.Committed)
            observer.NotReplayed(deadLetter, failure);
        return outcome == CommitOutcome.Committed ? Settlement.Complete : null;
    }

    /// <summary>The dead letter of a message; its position is set when it is stored.</summary>
    public DeadLetter NewDeadLetter(ParsedMessage parsed, Failure failure, bool inOrder)
    {
        var (received, message) = (parsed.Received, parsed.Message);
        var deadLetter = new DeadLetter
        {
            Id = parsed.DeadLetterId,
            Partition = parsed.Partition,
            Consumer = _name,
            InOrder = inOrder,
            Position = "",
            Reason = failure.Reason,
            Description = failure.Description,
            EventId = message is null ? null : new CloudEventId(message.Id),
            Type = message?.Type,
            Source = message?.Source,
            Subject = message?.Subject,
            Sequence = message?.Sequence,
            CorrelationId = message?.CorrelationId,
            CausationId = message?.CausationId,
            TraceParent = message?.TraceParent,
            MessageId = received.MessageId,
            Body = received.Body.ToArray(),
            Properties = received.Properties,
            DeliveryCount = received.DeliveryCount,
            CreatedAt = services.Clock.GetUtcNow(),
        };
        deadLetter.SetFailure(failure);
        return deadLetter;
    }

    private async Task<Settlement?> FailReplayAsync(
        PartitionHead head, DeadLetter replayed, Failure failure, DelayedRetry? retry, CancellationToken cancellationToken)
    {
        // A replay that comes too late did not fail, so the dead letter keeps its reason.
        var isTooLate = failure.Reason is DeadLetterReasons.OutOfOrder or DeadLetterReasons.Expired;
        var outcome = isTooLate
            ? await _deadLetters.RaiseAttemptAsync(
                head, replayed, $"failed again: {failure.Reason}: {failure.Description}", DeadLetterReasons.AttemptsExhausted, cancellationToken)
            : await _deadLetters.FailAgainAsync(head, replayed, failure, retry, cancellationToken);
        if (outcome != CommitOutcome.Committed)
            return null;
        if (isTooLate)
            observer.NotReplayed(replayed, failure);
        else
            observer.ReplayFailed(replayed, failure, retry);
        return Settlement.Complete;
    }
}
