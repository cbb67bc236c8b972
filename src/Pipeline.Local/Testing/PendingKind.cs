namespace Pipeline.Local.Testing;

/// <summary>What is pending.</summary>
public enum PendingKind
{
    /// <summary>A timer function's next occurrence.</summary>
    Timer,

    /// <summary>A retry of a function by its attribute, or of a listener after a failure.</summary>
    Retry,

    /// <summary>An invocation that awaits a delay on the platform's clock.</summary>
    Delay,

    /// <summary>Scheduled messages.</summary>
    Scheduled,

    /// <summary>Messages that are locked or in a locked session, and that nobody handles: unsettled, or their host has crashed.</summary>
    Locked,

    /// <summary>Messages that wait for a free session or call: see <c>maxConcurrentSessions</c> and <c>sessionIdleTimeout</c>.</summary>
    WaitingForSlot,

    /// <summary>Messages of an entity that no function receives from.</summary>
    NoReceiver,

    /// <summary>Event Grid events that wait for a retry, for their dead letter, or for their subscription to open.</summary>
    EventGrid,
}
