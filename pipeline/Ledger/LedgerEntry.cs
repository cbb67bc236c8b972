using System.Text.Json.Serialization;
using Pipeline.Partitions;

namespace Pipeline.Ledger;

/// <summary>Why a message became a ledger entry. Also the Service Bus dead-letter reason.</summary>
public static class Reasons
{
    /// <summary>The body is not JSON.</summary>
    public const string NotJson = "NotJson";

    /// <summary>The body is JSON, but not a CloudEvent 1.0.</summary>
    public const string NotACloudEvent = "NotACloudEvent";

    /// <summary>The consumer has no handler for this type.</summary>
    public const string UnknownType = "UnknownType";

    /// <summary>The type is known, but not in this version.</summary>
    public const string UnsupportedVersion = "UnsupportedVersion";

    /// <summary>The event's id, source or subject is longer than can be kept.</summary>
    public const string IdTooLong = "IdTooLong";

    /// <summary>The data does not fit the type's contract.</summary>
    public const string ContractViolation = "ContractViolation";

    /// <summary>The data was stored apart from the event, and is gone. If it can be put back, a replay finds it.</summary>
    public const string PayloadMissing = "PayloadMissing";

    /// <summary>The handler failed in a way that trying again cannot mend.</summary>
    public const string HandlerFailed = "HandlerFailed";

    /// <summary>The handler failed in a way that may pass. The message is held, and tried again when it is due.</summary>
    public const string TransientFailure = "TransientFailure";

    /// <summary>The gateway that the handler needs fails for everybody. The message is held, and none of its retries is used up.</summary>
    public const string GatewayUnavailable = "GatewayUnavailable";

    /// <summary>The message was delivered, or retried, too often without being handled.</summary>
    public const string AttemptsExhausted = "AttemptsExhausted";

    /// <summary>An earlier message of the same subject is in the ledger; this one waits behind it.</summary>
    public const string BlockedByPredecessor = "BlockedByPredecessor";

    /// <summary>Records of the consumer's partition are missing or cannot be read. Once they are restored, a replay can succeed.</summary>
    public const string DamagedPartition = "DamagedPartition";

    /// <summary>A later message of the same subject was handled, and nothing tells whether this one was.</summary>
    public const string OutOfOrder = "OutOfOrder";

    /// <summary>Older than inbox records are kept, so that nothing tells whether it was handled.</summary>
    public const string Expired = "Expired";

    /// <summary>Dated further ahead than the clocks of sender and receiver may differ: its age could not be told for long enough.</summary>
    public const string DatedAhead = "DatedAhead";
}

/// <summary>How a closed ledger entry ended.</summary>
public static class LedgerResults
{
    /// <summary>A replay of it had its effect.</summary>
    public const string Handled = "handled";

    /// <summary>Its message had had its effect before: what was replayed, edited or not, had none.</summary>
    public const string AlreadyHandled = "alreadyHandled";

    /// <summary>It was given up for good.</summary>
    public const string Discarded = "discarded";
}

/// <summary>
/// A message that a consumer could not handle, in that consumer's partition: the truth about it, with what is needed to
/// send it again. Does not expire while open.
/// </summary>
internal sealed class LedgerEntry
{
    [JsonPropertyName("id")]
    public required string Id { get; init; }

    [JsonPropertyName("pk")]
    public required string Partition { get; init; }

    [JsonPropertyName("kind")]
    public string Kind { get; init; } = RecordKinds.DeadLetter;

    [JsonPropertyName("consumer")]
    public required string Consumer { get; init; }

    [JsonPropertyName("open")]
    public bool Open { get; set; } = true;

    /// <summary>Whether it stands in the subject's line: out-of-order and expired entries do not, and are no part of a replay.</summary>
    [JsonPropertyName("inOrder")]
    public required bool InOrder { get; init; }

    /// <summary>Place in the subject's line; compares as text.</summary>
    [JsonPropertyName("place")]
    public required string Place { get; init; }

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

    [JsonPropertyName("eventId")]
    public string? EventId { get; set; }

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

    /// <summary>Who edited it, when and why, oldest first; at most <see cref="Ledger.Edits.MaxPerEntry"/>.</summary>
    [JsonPropertyName("edits")]
    public List<LedgerEdit>? Edits { get; set; }

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

    /// <summary>How often in a row it was held because its gateway was unavailable.</summary>
    [JsonPropertyName("waits")]
    public int Waits { get; set; }

    /// <summary>The replay that has it in hand, or had it last.</summary>
    [JsonPropertyName("replay")]
    public string? Replay { get; set; }

    /// <summary>How it ended, one of <see cref="LedgerResults"/>; <see langword="null"/> while it is open, and in old entries.</summary>
    [JsonPropertyName("result")]
    public string? Result { get; set; }

    /// <summary>Set if it was closed without an effect: its message is given up for good.</summary>
    [JsonPropertyName("discarded")]
    public LedgerDiscard? Discarded { get; set; }

    /// <summary>What happened to it since, oldest first.</summary>
    [JsonPropertyName("history")]
    public List<LedgerEvent> History { get; init; } = [];

    [JsonPropertyName("_etag")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ETag { get; set; }

    /// <summary>Most history kept, in entries; older ones beyond the first make room.</summary>
    private const int MaxHistory = 50;

    /// <summary>Takes over what identifies the event; an edit leaves it as it is, unless there was none.</summary>
    public void IdentifyAs(Messages.IncomingMessage message)
    {
        EventId = message.Id;
        Type = message.Type;
        Source = message.Source;
        Subject = message.Subject;
        Sequence = message.Sequence;
        CorrelationId = message.CorrelationId;
        CausationId = message.CausationId;
        TraceParent = message.TraceParent;
    }

    public void Note(DateTimeOffset at, string what)
    {
        if (History.Count >= MaxHistory)
            History.RemoveAt(1);
        History.Add(new LedgerEvent { At = at, What = what });
    }
}

/// <summary>Who gave a message up, when and why.</summary>
public sealed class LedgerDiscard
{
    /// <summary>When.</summary>
    [JsonPropertyName("at")]
    public required DateTimeOffset At { get; init; }

    /// <summary>Who.</summary>
    [JsonPropertyName("by")]
    public required string By { get; init; }

    /// <summary>Why.</summary>
    [JsonPropertyName("reason")]
    public required string Reason { get; init; }
}

/// <summary>One edit of a message: who, when, why and what.</summary>
public sealed class LedgerEdit
{
    /// <summary>The edited event says this in its attribute <c>editid</c>, and so does the record of its handling.</summary>
    [JsonPropertyName("id")]
    public required string Id { get; init; }

    /// <summary>When.</summary>
    [JsonPropertyName("at")]
    public required DateTimeOffset At { get; init; }

    /// <summary>Who.</summary>
    [JsonPropertyName("by")]
    public required string By { get; init; }

    /// <summary>Why.</summary>
    [JsonPropertyName("why")]
    public required string Why { get; init; }

    /// <summary><c>patch</c>, <c>data replaced</c> or <c>event replaced</c>.</summary>
    [JsonPropertyName("how")]
    public required string How { get; init; }

    /// <summary>The JSON Patch (RFC 6902); <see langword="null"/> for a replacement, and for a patch that is too large to keep.</summary>
    [JsonPropertyName("patch")]
    public System.Text.Json.JsonElement? Patch { get; init; }

    /// <summary>Digest of what was asked for, by which a repetition is known.</summary>
    [JsonPropertyName("digest")]
    public required string Digest { get; init; }
}

/// <summary>One line of an entry's history.</summary>
internal sealed class LedgerEvent
{
    [JsonPropertyName("at")]
    public required DateTimeOffset At { get; init; }

    [JsonPropertyName("what")]
    public required string What { get; init; }
}
