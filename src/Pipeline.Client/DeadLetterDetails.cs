namespace Pipeline.Client;

/// <summary>A dead letter as operators see it.</summary>
public sealed record DeadLetterDetails
{
    /// <summary>The entry's id.</summary>
    public required string Id { get; init; }

    /// <summary>The container of the consumer that could not handle it.</summary>
    public required string Container { get; init; }

    /// <summary>The subject.</summary>
    public required string Partition { get; init; }

    /// <summary>The consumer.</summary>
    public required string Consumer { get; init; }

    /// <summary>CloudEvents subject; <see langword="null"/> if the body is no event.</summary>
    public string? Subject { get; init; }

    /// <summary>CloudEvents type.</summary>
    public string? Type { get; init; }

    /// <summary>CloudEvents id.</summary>
    public string? EventId { get; init; }

    /// <summary>CloudEvents source.</summary>
    public string? Source { get; init; }

    /// <summary>The source's sequence.</summary>
    public long? Sequence { get; init; }

    /// <summary>The conversation.</summary>
    public string? CorrelationId { get; init; }

    /// <summary>The reason, such as <c>HandlerFailed</c>, or the reason that the broker gave.</summary>
    public required string Reason { get; init; }

    /// <summary>What happened.</summary>
    public required string Description { get; init; }

    /// <summary>The same for all failures of one cause; <c>unknown</c> for entries that are older than fingerprints.</summary>
    public required string Fingerprint { get; init; }

    /// <summary>The cause in short; <see langword="null"/> where it is unknown.</summary>
    public string? Summary { get; init; }

    /// <summary><c>open</c>, <c>waitingForRetry</c> (open, and retried by itself when due), <c>closed</c>, or <c>damaged</c> if the entry itself cannot be read.</summary>
    public required string Status { get; init; }

    /// <summary>When it is retried by itself; <see langword="null"/> if it waits for an operator, or behind another one.</summary>
    public DateTimeOffset? RetryAt { get; init; }

    /// <summary>How many of its delayed retries have failed.</summary>
    public int Retries { get; init; }

    /// <summary>Whether it stands in its subject.</summary>
    public bool InOrder { get; init; }

    /// <summary>How often a replay of it failed, delayed retries included. An edit is none.</summary>
    public int Attempt { get; init; }

    /// <summary>How often it was edited.</summary>
    public int Edited { get; init; }

    /// <summary>Deliveries before it was given up.</summary>
    public int DeliveryCount { get; init; }

    /// <summary>When it was given up.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>Who gave it up, when and why; <see langword="null"/> if it was not.</summary>
    public DiscardDetails? Discarded { get; init; }

    /// <summary>How it ended, one of <see cref="DeadLetterResults"/>; <see langword="null"/> while it is open, and for old entries.</summary>
    public string? Result { get; init; }

    /// <summary>The body: text if it is UTF-8, else base64; only in the view of a single entry, as all that follows.</summary>
    public string? Body { get; init; }

    /// <summary>The body as it came, if it was edited since; text or base64.</summary>
    public string? Original { get; init; }

    /// <summary>Who edited it, when and why, oldest first; <see langword="null"/> if it was not.</summary>
    public IReadOnlyList<EditDetails>? Edits { get; init; }

    /// <summary>Where the body differs from the original, at most 200 places; <see langword="null"/> without edits, or if the original was not JSON.</summary>
    public IReadOnlyList<JsonDifference>? Differences { get; init; }

    /// <summary>Application properties of the message.</summary>
    public IReadOnlyDictionary<string, string>? Properties { get; init; }

    /// <summary>Service Bus message id.</summary>
    public string? MessageId { get; init; }

    /// <summary>The exception that made it an entry, if one did.</summary>
    public ExceptionDetails? Exception { get; init; }

    /// <summary>The entry that blocks the subject, if it is another one.</summary>
    public string? WaitsBehind { get; init; }

    /// <summary>What waits behind it; <see langword="null"/> if it is closed, or has no place in its subject.</summary>
    public FollowersSummary? Followers { get; init; }

    /// <summary>The replay that processes it, or did last.</summary>
    public string? Replay { get; init; }

    /// <summary>What happened to it since.</summary>
    public IReadOnlyList<string>? History { get; init; }
}
