namespace Pipeline.Client;

/// <summary>A subject that is blocked at a consumer.</summary>
public sealed record BlockedSubjectSummary
{
    /// <summary>The container of the consumer.</summary>
    public required string Container { get; init; }

    /// <summary>The subject.</summary>
    public required string Partition { get; init; }

    /// <summary>The consumer.</summary>
    public required string Consumer { get; init; }

    /// <summary>The dead letter that blocks it; <see langword="null"/> if the partition is so damaged that none can be kept, and its messages wait in the broker.</summary>
    public required string? Entry { get; init; }

    /// <summary><c>waitingForRetry</c> if that one is retried by itself when due, <c>damaged</c> if records of the partition have to be restored, else <c>open</c>.</summary>
    public required string Status { get; init; }

    /// <summary>Why that message was not handled.</summary>
    public required string Reason { get; init; }

    /// <summary>The cause in short; <see langword="null"/> where it is not known.</summary>
    public string? Detail { get; init; }

    /// <summary>Since when that message is a dead letter.</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>When it is retried by itself; <see langword="null"/> if it waits for an operator.</summary>
    public DateTimeOffset? RetryAt { get; init; }

    /// <summary>How many messages wait behind it.</summary>
    public required int Waiting { get; init; }
}
