using System.Diagnostics;
using Pipeline.DeadLetters;
using Pipeline.Failures;
using Pipeline.Storage;

namespace Pipeline.Consumers;

/// <summary>Is told what becomes of the messages of a consumer. Two implementations: metrics, traces and log; and the dry run's record of outcomes.</summary>
internal interface IConsumerObserver
{
    /// <summary>The handling of a message begins. The activity, if there is one, ends with it.</summary>
    Activity? Begin(ParsedMessage message);

    /// <summary>The effect of a message was committed.</summary>
    void Handled(ParsedMessage message, DateTimeOffset now);

    /// <summary>A message turned out to have had its effect before.</summary>
    void Duplicate();

    /// <summary>A message became a dead letter.</summary>
    void DeadLettered(DeadLetter deadLetter, Failure failure, DelayedRetry? retry);

    /// <summary>The replay of a dead letter failed.</summary>
    void ReplayFailed(DeadLetter deadLetter, Failure failure, DelayedRetry? retry);

    /// <summary>The replay of a dead letter ended without an attempt: it comes too late, or out of turn.</summary>
    void NotReplayed(DeadLetter deadLetter, Failure failure);

    /// <summary>A handler failed; the broker delivers the message again.</summary>
    void Abandoned(ParsedMessage message, Exception exception);

    /// <summary>A message could not be handled, for a reason that is not its own; the broker delivers it again.</summary>
    void GivenBack(ParsedMessage message, Exception exception);

    /// <summary>The message's partition is too damaged to keep a dead letter.</summary>
    void Damaged(ParsedMessage message, DamagedPartitionException damage);

    /// <summary>Messages of a batch could not be handled together and are handled one by one.</summary>
    void BatchSplit(Partition partition, int count, Exception exception);
}
