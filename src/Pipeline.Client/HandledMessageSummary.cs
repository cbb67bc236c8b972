namespace Pipeline.Client;

/// <summary>One handling: a message, what handled it, and what that caused.</summary>
public sealed record HandledMessageSummary
{
    /// <summary>The container of the consumer.</summary>
    public required string Container { get; init; }

    /// <summary>The partition that was written.</summary>
    public required string Partition { get; init; }

    /// <summary>The consumer; <c>http</c> for a command that came over HTTP.</summary>
    public required string Consumer { get; init; }

    /// <summary>CloudEvents id.</summary>
    public required string EventId { get; init; }

    /// <summary>CloudEvents type, or the command's name.</summary>
    public required string Type { get; init; }

    /// <summary>CloudEvents source.</summary>
    public required string Source { get; init; }

    /// <summary>CloudEvents subject.</summary>
    public string? Subject { get; init; }

    /// <summary>The source's sequence; <see langword="null"/> for what has none.</summary>
    public long? Sequence { get; init; }

    /// <summary>Id of the message that caused this one.</summary>
    public string? CausationId { get; init; }

    /// <summary>When the sender committed the message.</summary>
    public DateTimeOffset? CommittedAt { get; init; }

    /// <summary>When the effect was committed.</summary>
    public required DateTimeOffset HandledAt { get; init; }

    /// <summary>The number of the partition's commit that holds the effect.</summary>
    public required long Commit { get; init; }

    /// <summary>Deliveries until it was handled.</summary>
    public int DeliveryCount { get; init; }

    /// <summary>When the broker took the message; <see langword="null"/> where it does not say.</summary>
    public DateTimeOffset? PublishedAt { get; init; }

    /// <summary>Deliveries that came after the effect, as far as they could be counted.</summary>
    public int Duplicates { get; init; }

    /// <summary>Ids of the messages that the handling sent.</summary>
    public IReadOnlyList<string> Caused { get; init; } = [];

    /// <summary>CloudEvents types of those, in the same order; empty for what was handled by an older release.</summary>
    public IReadOnlyList<string> CausedTypes { get; init; } = [];

    /// <summary>Whether the consumer takes messages in any order, so that their sequence says nothing.</summary>
    public bool Unordered { get; init; }

    /// <summary>The replay that it was handled by, if any.</summary>
    public string? Replay { get; init; }

    /// <summary>The edit of the message, if it was edited as a dead letter: its dead letter and number.</summary>
    public string? Edit { get; init; }

    /// <summary>Who made that edit.</summary>
    public string? EditedBy { get; init; }
}
