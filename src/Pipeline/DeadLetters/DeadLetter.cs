using System.Text.Json.Serialization;
using Pipeline.Client;
using Pipeline.Failures;
using Pipeline.Storage;

namespace Pipeline.DeadLetters;

/// <summary>
/// A message that a consumer could not handle, in that consumer's partition, with everything that is needed to send it again. Does not expire
/// while open.
/// </summary>
internal sealed class DeadLetter
{
    [JsonPropertyName("id")]
    public required DeadLetterId Id { get; init; }

    [JsonPropertyName("pk")]
    public required Partition Partition { get; init; }

    [JsonPropertyName("kind")]
    public string Kind { get; init; } = RecordKinds.DeadLetter;

    [JsonPropertyName("consumer")]
    public required ConsumerName Consumer { get; init; }

    [JsonPropertyName("open")]
    public bool Open { get; set; } = true;

    /// <summary>Whether it has a position in its subject: out-of-order and expired dead letters have none, and are not replayed.</summary>
    [JsonPropertyName("inOrder")]
    public required bool InOrder { get; init; }

    /// <summary>Position in its subject; compares as ordinal text.</summary>
    [JsonPropertyName("place")]
    public required string Position { get; set; }

    [JsonPropertyName("reason")]
    public required string Reason { get; set; }

    [JsonPropertyName("description")]
    public required string Description { get; set; }

    /// <summary>What it has in common with other failures of the same cause; <see langword="null"/> in old entries.</summary>
    [JsonPropertyName("fingerprint")]
    public string? Fingerprint { get; set; }

    /// <summary>The cause in short.</summary>
    [JsonPropertyName("summary")]
    public string? Summary { get; set; }

    /// <summary>Where the data breaks its contract; <see langword="null"/> if that is not the failure.</summary>
    [JsonPropertyName("path")]
    public string? Path { get; set; }

    /// <summary>The exception; <see langword="null"/> if there was none, and in old dead letters, which have it in their description.</summary>
    [JsonPropertyName("exception")]
    public ExceptionDetails? Exception { get; set; }

    [JsonPropertyName("eventId")]
    public CloudEventId? EventId { get; set; }

    [JsonPropertyName("type")]
    public string? Type { get; set; }

    [JsonPropertyName("source")]
    public string? Source { get; set; }

    [JsonPropertyName("subject")]
    public string? Subject { get; set; }

    [JsonPropertyName("sequence")]
    public long? Sequence { get; set; }

    [JsonPropertyName("correlationId")]
    public string? CorrelationId { get; set; }

    [JsonPropertyName("causationId")]
    public string? CausationId { get; set; }

    [JsonPropertyName("traceParent")]
    public string? TraceParent { get; set; }

    [JsonPropertyName("messageId")]
    public string? MessageId { get; init; }

    /// <summary>The body that a replay sends: as it came, byte for byte, until it is edited.</summary>
    [JsonPropertyName("body")]
    public required byte[] Body { get; set; }

    /// <summary>The body as it came, once it was edited.</summary>
    [JsonPropertyName("original")]
    public byte[]? Original { get; set; }

    /// <summary>Who edited it, when and why, oldest first; at most 20.</summary>
    [JsonPropertyName("edits")]
    public List<EditDetails>? Edits { get; set; }

    [JsonPropertyName("properties")]
    public IReadOnlyDictionary<string, string> Properties { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    [JsonPropertyName("deliveryCount")]
    public int DeliveryCount { get; init; }

    [JsonPropertyName("createdAt")]
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>How often a replay of it has failed.</summary>
    [JsonPropertyName("attempt")]
    public int Attempt { get; set; }

    /// <summary>When it is tried again by itself; <see langword="null"/> if it waits for an operator, or behind another one.</summary>
    [JsonPropertyName("retryAt")]
    public DateTimeOffset? RetryAt { get; set; }

    /// <summary>How many of its delayed retries have failed.</summary>
    [JsonPropertyName("retries")]
    public int Retries { get; set; }

    /// <summary>How often in a row it waited because its gateway was unavailable.</summary>
    [JsonPropertyName("waits")]
    public int Waits { get; set; }

    /// <summary>The replay that processes it, or did last.</summary>
    [JsonPropertyName("replay")]
    public string? Replay { get; set; }

    /// <summary>How it ended, one of <see cref="DeadLetterResults"/>; <see langword="null"/> while it is open, and in old entries.</summary>
    [JsonPropertyName("result")]
    public string? Result { get; set; }

    /// <summary>Set if it was closed without an effect: its message is given up for good.</summary>
    [JsonPropertyName("discarded")]
    public DiscardDetails? Discarded { get; set; }

    /// <summary>What happened to it since, oldest first.</summary>
    [JsonPropertyName("history")]
    public List<DeadLetterHistoryEntry> History { get; init; } = [];

    [JsonPropertyName("_etag")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ETag { get; set; }

    /// <summary>Most history kept, in entries; older ones beyond the first make room.</summary>
    private const int MaxHistory = 50;

    private const int MaxDescriptionLength = 4000;

    /// <summary>Takes over what identifies the event; an edit leaves it as it is, unless there was none.</summary>
    public void IdentifyAs(Messages.IncomingMessage message)
    {
        EventId = new CloudEventId(message.Id);
        Type = message.Type;
        Source = message.Source;
        Subject = message.Subject;
        Sequence = message.Sequence;
        CorrelationId = message.CorrelationId;
        CausationId = message.CausationId;
        TraceParent = message.TraceParent;
    }

    /// <summary>Takes over why the message was not handled.</summary>
    public void SetFailure(Failure failure)
    {
        var fingerprint = Failures.Fingerprint.Of(failure);
        Reason = failure.Reason;
        Description = failure.Description.Length <= MaxDescriptionLength ? failure.Description : failure.Description[..MaxDescriptionLength];
        Path = failure.Path;
        Exception = failure.Exception;
        Fingerprint = fingerprint.Id;
        Summary = fingerprint.Summary;
    }

    public void Note(DateTimeOffset at, string what)
    {
        if (History.Count >= MaxHistory)
            History.RemoveAt(1);
        History.Add(new DeadLetterHistoryEntry { At = at, What = what });
    }
}
