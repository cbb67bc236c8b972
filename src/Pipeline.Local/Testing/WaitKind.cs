namespace Pipeline.Local.Testing;

/// <summary>How a <see cref="Wait"/> ends.</summary>
internal enum WaitKind
{
    /// <summary>By a message.</summary>
    Message,

    /// <summary>When other work of the same function ends.</summary>
    Slot,

    /// <summary>By the time.</summary>
    Time,

    /// <summary>By the time, as far as can be told: the function awaits a delay, and may do other things beside.</summary>
    Pause,
}
