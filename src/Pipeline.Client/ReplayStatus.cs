namespace Pipeline.Client;

/// <summary>States of a replay, and of each subject in it.</summary>
public static class ReplayStatus
{
    /// <summary>The selection is being frozen; not to be applied yet.</summary>
    public const string Planning = "planning";

    /// <summary>The selection is frozen; nothing was sent. Also a subject whose turn has not come.</summary>
    public const string Planned = "planned";

    /// <summary>Entries are being sent, one at a time per subject.</summary>
    public const string Applying = "applying";

    /// <summary>An operator has stopped it; what is under way is being waited for.</summary>
    public const string Stopping = "stopping";

    /// <summary>Of a replay: stopped before its end, by an operator or by too many failures. Of a subject: it ended with something still waiting.</summary>
    public const string Stopped = "stopped";

    /// <summary>Nothing of what was asked for waits any more.</summary>
    public const string Completed = "completed";

    /// <summary>It came to its end, and at least one subject is still blocked by a message that failed again.</summary>
    public const string Failed = "failed";

    /// <summary>Of a subject: it was left as it is, because it is no longer what was planned, or another replay processes it.</summary>
    public const string Skipped = "skipped";
}
