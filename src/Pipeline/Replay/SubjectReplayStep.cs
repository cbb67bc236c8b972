namespace Pipeline.Replay;

/// <summary>What the replay of a subject does next.</summary>
internal enum SubjectReplayStep
{
    /// <summary>Nothing now: the change feed or the recovery sweep comes back to it.</summary>
    Wait,

    /// <summary>Send the first dead letter.</summary>
    Send,

    /// <summary>Send the first dead letter again: its message was lost, or has no outcome for too long.</summary>
    SendAgain,

    /// <summary>End: nothing of what was asked for waits any more.</summary>
    Complete,

    /// <summary>End: something still waits.</summary>
    Stop,

    /// <summary>End a delayed retry that has no turn any more: its dead letter waits behind the first one like any other.</summary>
    StopRetry,
}
