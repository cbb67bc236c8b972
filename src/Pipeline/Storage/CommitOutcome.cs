namespace Pipeline.Storage;

/// <summary>How a commit ended.</summary>
internal enum CommitOutcome
{
    /// <summary>Everything was written.</summary>
    Committed,

    /// <summary>The inbox record is there already: this message had its effect, by us (an ambiguous attempt) or another delivery.</summary>
    AlreadyHandled,

    /// <summary>The ledger entry is there already.</summary>
    AlreadyInLedger,

    /// <summary>The partition moved on since it was read; read again and decide again.</summary>
    Moved,
}
