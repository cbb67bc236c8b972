using System.Text.Json.Serialization;
using Pipeline.Client;
using Pipeline.Storage;

namespace Pipeline.DeadLetters;

/// <summary>A dead letter without what can be large.</summary>
internal sealed record DeadLetterRow
{
    [JsonPropertyName("id")]
    public required DeadLetterId Id { get; init; }

    [JsonPropertyName("pk")]
    public required Partition Partition { get; init; }

    [JsonPropertyName("consumer")]
    public required ConsumerName Consumer { get; init; }

    [JsonPropertyName("open")]
    public bool Open { get; init; }

    [JsonPropertyName("inOrder")]
    public bool InOrder { get; init; }

    [JsonPropertyName("place")]
    public string? Position { get; init; }

    [JsonPropertyName("reason")]
    public required string Reason { get; init; }

    [JsonPropertyName("description")]
    public required string Description { get; init; }

    [JsonPropertyName("fingerprint")]
    public string? Fingerprint { get; init; }

    [JsonPropertyName("summary")]
    public string? Summary { get; init; }

    [JsonPropertyName("eventId")]
    public CloudEventId? EventId { get; init; }

    [JsonPropertyName("type")]
    public string? Type { get; init; }

    [JsonPropertyName("source")]
    public string? Source { get; init; }

    [JsonPropertyName("subject")]
    public string? Subject { get; init; }

    [JsonPropertyName("sequence")]
    public long? Sequence { get; init; }

    [JsonPropertyName("correlationId")]
    public string? CorrelationId { get; init; }

    [JsonPropertyName("deliveryCount")]
    public int DeliveryCount { get; init; }

    [JsonPropertyName("createdAt")]
    public DateTimeOffset CreatedAt { get; init; }

    [JsonPropertyName("attempt")]
    public int Attempt { get; init; }

    /// <summary>How many edits it has; each raised the attempt too, so that copies in flight have no effect.</summary>
    [JsonPropertyName("edited")]
    public int Edited { get; init; }

    [JsonPropertyName("result")]
    public string? Result { get; init; }

    [JsonPropertyName("retryAt")]
    public DateTimeOffset? RetryAt { get; init; }

    [JsonPropertyName("retries")]
    public int Retries { get; init; }

    [JsonPropertyName("discarded")]
    public DiscardDetails? Discarded { get; init; }

    public static DeadLetterRow Of(DeadLetter entry) => new()
    {
        Id = entry.Id,
        Partition = entry.Partition,
        Consumer = entry.Consumer,
        Open = entry.Open,
        InOrder = entry.InOrder,
        Position = entry.Position,
        Reason = entry.Reason,
        Description = entry.Description,
        Fingerprint = entry.Fingerprint,
        Summary = entry.Summary,
        EventId = entry.EventId,
        Type = entry.Type,
        Source = entry.Source,
        Subject = entry.Subject,
        Sequence = entry.Sequence,
        CorrelationId = entry.CorrelationId,
        DeliveryCount = entry.DeliveryCount,
        CreatedAt = entry.CreatedAt,
        Attempt = entry.Attempt,
        Edited = entry.Edits?.Count ?? 0,
        Result = entry.Result,
        RetryAt = entry.RetryAt,
        Retries = entry.Retries,
        Discarded = entry.Discarded,
    };
}
