using Pipeline.Client;
using Pipeline.DeadLetters;
using Pipeline.Failures;

namespace Pipeline.Replay;

/// <summary>The states of the replay of a subject, and what follows each: the first line that applies.</summary>
internal static class SubjectReplayTable
{
    public static SubjectReplayNext Next(SubjectReplaySituation now) => now switch
    {
        { FirstId: null } => new(SubjectReplayStep.Complete),

        // Another dead letter is the first one now: the one that is meant was closed, or one with a lower position has turned up.
        { Replay.Only: { } only } when only != now.FirstId && now.Only is { Open: true } => new(SubjectReplayStep.Stop, $"It waits behind '{now.FirstId}' now."),
        { Replay.Only: { } only } when only != now.FirstId => new(SubjectReplayStep.Complete),

        // Ordered, the head moves together with the closing of the dead letter, and this was read in between.
        { First: not { Open: true }, IsUnordered: true } => new(SubjectReplayStep.Complete),
        { First: not { Open: true } } => new(SubjectReplayStep.Wait),
        { HasFailed: true } => new(SubjectReplayStep.Stop, now.First!.History.LastOrDefault()?.What.Split('\n')[0]),
        { Replay.DelayedRetryOf: not null } when EndOfRetry(now) is { } end => end,
        { IsSent: true, IsOverdue: false } => new(SubjectReplayStep.Wait),
        { IsSent: true } => new(SubjectReplayStep.SendAgain),
        _ => new(SubjectReplayStep.Send),
    };

    /// <summary>
    /// A delayed retry continues with what waits behind its dead letter, and with nothing else: other dead letters are an operator's, and one that waits for
    /// a retry has a replay of its own. An operator's replay of the same dead letter goes first, and if it was of that one alone, what waits behind it is
    /// still to come; one that was stopped, or failed, has left the subject to operators.
    /// </summary>
    /// <returns>What ends the retry or makes it wait; <see langword="null"/> if it continues.</returns>
    private static SubjectReplayNext? EndOfRetry(SubjectReplaySituation now) => now switch
    {
        { IsTakenOver: true, Other: { DelayedRetryOf: null, Status: ReplayStatus.Applying } } => new(SubjectReplayStep.Wait),
        { IsTakenOver: true, Other: not { DelayedRetryOf: null, Status: ReplayStatus.Completed } } =>
            new(SubjectReplayStep.StopRetry, $"Another replay has taken over '{now.Last!.Id}'."),
        { First.RetryAt: not null } when now.First.Id != now.Replay.DelayedRetryOf => new(SubjectReplayStep.StopRetry, $"'{now.First.Id}' has a retry of its own."),
        { First.RetryAt: null, First.Reason: not DeadLetterReasons.BlockedByPredecessor } =>
            new(SubjectReplayStep.StopRetry, $"'{now.First!.Id}' is a dead letter that waits for an operator."),
        _ => null,
    };
}
