namespace Pipeline.Local.Hosting;

/// <summary>Last and next occurrence of a schedule, in UTC, by the names under which functions get them.</summary>
internal sealed record TimerStatus
{
    /// <summary>When the schedule last occurred; <see langword="default"/> if it has not yet.</summary>
    public DateTime Last { get; init; }

    /// <summary>When it occurs next.</summary>
    public DateTime Next { get; init; }

    /// <summary>When this was written.</summary>
    public DateTime LastUpdated { get; init; }
}
