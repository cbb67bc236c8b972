namespace Pipeline.Storage;

/// <summary>How writing a unit of work ended.</summary>
internal enum CommitOutcome
{
    /// <summary>The partition changed since it was read: read again and decide again.</summary>
    Moved,

    /// <summary>Everything was written.</summary>
    Committed,

    /// <summary>The inbox record exists: the message had its effect, by an attempt of ours whose answer was lost or by another delivery.</summary>
    AlreadyHandled,

    /// <summary>The dead letter exists.</summary>
    AlreadyDeadLettered,

    /// <summary>A record that is created once exists.</summary>
    AlreadyExists,
}
