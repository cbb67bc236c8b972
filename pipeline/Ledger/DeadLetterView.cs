namespace Pipeline.Ledger;

/// <summary>A ledger entry as operators see it.</summary>
public sealed record DeadLetterView
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

    /// <summary>One of <see cref="Reasons"/>, or what the broker gave.</summary>
    public required string Reason { get; init; }

    /// <summary>What happened.</summary>
    public required string Description { get; init; }

    /// <summary>The same for all failures of one cause; <c>unknown</c> for entries that are older than fingerprints.</summary>
    public required string Fingerprint { get; init; }

    /// <summary>The fingerprint in words; <see langword="null"/> where it is unknown.</summary>
    public string? Summary { get; init; }

    /// <summary><c>open</c> or <c>closed</c>.</summary>
    public required string Status { get; init; }

    /// <summary>Whether it stands in its subject's line.</summary>
    public bool InOrder { get; init; }

    /// <summary>How often a replay of it failed.</summary>
    public int Attempt { get; init; }

    /// <summary>Deliveries before it was given up.</summary>
    public int DeliveryCount { get; init; }

    /// <summary>When it was given up.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>The body: text if it is UTF-8 JSON, else base64; only in the view of a single entry.</summary>
    public string? Body { get; init; }

    /// <summary>What happened to it since; only in the view of a single entry.</summary>
    public IReadOnlyList<string>? History { get; init; }
}
