using System.Diagnostics;
using Pipeline.Consumers;
using Pipeline.DeadLetters;
using Pipeline.Failures;
using Pipeline.Storage;

namespace Pipeline.Replay;

/// <summary>Keeps what became of the message of one step of a dry run.</summary>
internal sealed class DryRunObserver : IConsumerObserver
{
    /// <summary>Dead letters that the step would create: a message of several partitions may fail in one of them.</summary>
    public List<(DeadLetter DeadLetter, Failure Failure)> Created { get; } = [];

    /// <summary>Why the replay would fail or have no effect; <see langword="null"/> if it would not.</summary>
    public Failure? ReplayFailure { get; private set; }

    /// <summary>What kept the message from being handled, apart from itself; <see langword="null"/> if nothing did.</summary>
    public Exception? Problem { get; private set; }

    public Activity? Begin(ParsedMessage message) => null;

    public void Handled(ParsedMessage message, DateTimeOffset now)
    {
        // The closed dead letter says so.
    }

    public void Duplicate()
    {
        // The closed dead letter says so.
    }

    public void DeadLettered(DeadLetter deadLetter, Failure failure, DelayedRetry? retry) => Created.Add((deadLetter, failure));

    public void ReplayFailed(DeadLetter deadLetter, Failure failure, DelayedRetry? retry) => ReplayFailure = failure;

    public void NotReplayed(DeadLetter deadLetter, Failure failure) => ReplayFailure = failure;

    public void Abandoned(ParsedMessage message, Exception exception) => Problem = exception;

    public void GivenBack(ParsedMessage message, Exception exception) => Problem = exception;

    public void Damaged(ParsedMessage message, DamagedPartitionException damage) => Problem = damage;

    public void BatchSplit(Partition partition, int count, Exception exception) => Problem = exception;
}
