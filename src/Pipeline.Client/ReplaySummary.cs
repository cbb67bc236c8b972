namespace Pipeline.Client;

/// <summary>Where a replay stands.</summary>
public sealed record ReplaySummary
{
    /// <summary>Its id.</summary>
    public required string ReplayId { get; init; }

    /// <summary>One of <see cref="ReplayStatus"/>.</summary>
    public required string Status { get; init; }

    /// <summary>Why it is what it is, where that needs words; else <see langword="null"/>.</summary>
    public string? Detail { get; init; }

    /// <summary>What was selected.</summary>
    public required DeadLetterSelection Selection { get; init; }

    /// <summary>Who asked for it.</summary>
    public string? By { get; init; }

    /// <summary>Why.</summary>
    public string? Why { get; init; }

    /// <summary>The most messages per second.</summary>
    public int Rate { get; init; }

    /// <summary>Subjects in it.</summary>
    public int Subjects { get; init; }

    /// <summary>Messages that waited when it was planned, the blocking dead letters included. More may have come since.</summary>
    public long Entries { get; init; }

    /// <summary>The causes, the one with most subjects first; at most 20.</summary>
    public IReadOnlyList<ReplayGroup> Groups { get; init; } = [];

    /// <summary>What the selection matched and the plan leaves out.</summary>
    public required ReplayExclusions Left { get; init; }

    /// <summary>How long it takes at its rate, in seconds, if nothing fails: at least a quarter of a second per message of the longest subject.</summary>
    public double EstimatedSeconds { get; init; }

    /// <summary>Subjects that are being replayed now.</summary>
    public int Running { get; init; }

    /// <summary>Subjects in which nothing waits any more.</summary>
    public int Completed { get; init; }

    /// <summary>Subjects that failed again and are still blocked.</summary>
    public int Failed { get; init; }

    /// <summary>Subjects that were left as they are.</summary>
    public int Skipped { get; init; }

    /// <summary>Messages sent so far.</summary>
    public long Sent { get; init; }

    /// <summary>
    /// Messages of subjects that are over which turned out to have had their effect before: what was replayed of them, edited or
    /// not, had none.
    /// </summary>
    public long AlreadyHandled { get; init; }

    /// <summary>When it was planned.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it was applied; <see langword="null"/> before.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When it ended; <see langword="null"/> before.</summary>
    public DateTimeOffset? FinishedAt { get; init; }
}
