using System.Text.Json.Serialization;
using Pipeline.Storage;

namespace Pipeline.Inbox;

/// <summary>
/// Proves that a consumer handled a message, and says what that caused: duplicates are recognised by it, and the timeline of a flow is made
/// of these records. Created as the first operation of the batch that holds the effect. Expires.
/// </summary>
internal sealed class InboxRecord
{
    [JsonPropertyName("id")]
    public required string Id { get; init; }

    [JsonPropertyName("pk")]
    public required Partition Partition { get; init; }

    [JsonPropertyName("kind")]
    public string Kind { get; init; } = RecordKinds.Inbox;

    /// <summary>Seconds until the record expires, counted from its last write.</summary>
    [JsonPropertyName("ttl")]
    public required int TtlSeconds { get; init; }

    [JsonPropertyName("consumer")]
    public required ConsumerName Consumer { get; init; }

    [JsonPropertyName("eventId")]
    public required CloudEventId EventId { get; init; }

    [JsonPropertyName("type")]
    public required string Type { get; init; }

    [JsonPropertyName("source")]
    public required string Source { get; init; }

    [JsonPropertyName("subject")]
    public string? Subject { get; init; }

    [JsonPropertyName("sequence")]
    public long? Sequence { get; init; }

    [JsonPropertyName("correlationId")]
    public required string CorrelationId { get; init; }

    [JsonPropertyName("causationId")]
    public string? CausationId { get; init; }

    /// <summary>When the sender committed the message.</summary>
    [JsonPropertyName("committedAt")]
    public DateTimeOffset? CommittedAt { get; init; }

    /// <summary>When the broker took the message.</summary>
    [JsonPropertyName("publishedAt")]
    public DateTimeOffset? PublishedAt { get; init; }

    [JsonPropertyName("handledAt")]
    public required DateTimeOffset HandledAt { get; init; }

    /// <summary>Number of the partition's commit that holds the effect.</summary>
    [JsonPropertyName("commit")]
    public required long Commit { get; init; }

    [JsonPropertyName("deliveryCount")]
    public int DeliveryCount { get; init; }

    /// <summary>Deliveries that came after the effect, as far as they could be counted.</summary>
    [JsonPropertyName("duplicates")]
    public int Duplicates { get; init; }

    /// <summary>Ids of the messages that the handling sent.</summary>
    [JsonPropertyName("caused")]
    public List<string> Caused { get; init; } = [];

    /// <summary>Their CloudEvents types, in the same order, so that a flow can tell who is still to get them; empty in old records.</summary>
    [JsonPropertyName("causedTypes")]
    public List<string> CausedTypes { get; init; } = [];

    /// <summary>For HTTP commands: digest of the request, to refuse the same key with another body.</summary>
    [JsonPropertyName("requestHash")]
    public string? RequestHash { get; init; }

    /// <summary>The replay whose message was handled, if it was one.</summary>
    [JsonPropertyName("replay")]
    public string? Replay { get; init; }

    /// <summary>The edit of the message that was handled, if it was edited as a dead letter: the dead letter and the number of the edit.</summary>
    [JsonPropertyName("edit")]
    public string? Edit { get; init; }

    /// <summary>Who made that edit.</summary>
    [JsonPropertyName("editedBy")]
    public string? EditedBy { get; init; }
}
