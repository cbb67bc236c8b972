using Pipeline.DeadLetters;
using Pipeline.Storage;

namespace Pipeline.Replay;

/// <summary>What the next step of the replay of a subject depends on.</summary>
internal sealed record SubjectReplaySituation
{
    public required SubjectReplayRecord Replay { get; init; }

    /// <summary>Whether the consumer takes messages in any order: the dead letter is replayed by itself.</summary>
    public required bool IsUnordered { get; init; }

    /// <summary>Id of the dead letter that blocks the subject, or, unordered, of the one to replay; <see langword="null"/> if there is none.</summary>
    public required DeadLetterId? FirstId { get; init; }

    /// <summary>That dead letter; <see langword="null"/> if it does not exist.</summary>
    public required DeadLetter? First { get; init; }

    /// <summary>The only dead letter that is meant; <see langword="null"/> if all are, or if it does not exist.</summary>
    public required DeadLetter? Only { get; init; }

    /// <summary>The dead letter that was sent last, or, before, the one that waits for this retry.</summary>
    public required DeadLetter? Last { get; init; }

    /// <summary>The dead letter that waits for this retry; <see langword="null"/> if this is not a delayed retry, or it was sent and followed by others.</summary>
    public required DeadLetter? Waiting { get; init; }

    /// <summary>Another replay that has taken over <see cref="Last"/>.</summary>
    public required SubjectReplayRecord? Other { get; init; }

    /// <summary>Whether a message that was sent so long ago without an outcome counts as lost.</summary>
    public required bool IsOverdue { get; init; }

    /// <summary>Whether the first dead letter was sent by this replay.</summary>
    public bool IsSent => Replay.SentEntry is { } sent && sent == First?.Id;

    /// <summary>Whether it failed again since.</summary>
    public bool HasFailed => IsSent && First!.Attempt > Replay.SentAttempt;

    /// <summary>Whether another replay has the last dead letter.</summary>
    public bool IsTakenOver => Last?.Replay is { } id && id != Replay.ReplayId;
}
