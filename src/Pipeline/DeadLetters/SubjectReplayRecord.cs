using System.Text.Json.Serialization;
using Pipeline.Storage;

namespace Pipeline.DeadLetters;

/// <summary>
/// A replay of one subject at one consumer, in that consumer's partition: the blocking dead letter is sent, its handling closes
/// the entry and makes the next one the head, until nothing waits.
/// </summary>
internal sealed class SubjectReplayRecord
{
    /// <summary>How long the record of a replay that is over is kept.</summary>
    public const int FinishedTtlSeconds = 30 * 24 * 60 * 60;

    [JsonPropertyName("id")]
    public required string Id { get; init; }

    [JsonPropertyName("pk")]
    public required Partition Partition { get; init; }

    [JsonPropertyName("kind")]
    public string Kind { get; init; } = RecordKinds.Replay;

    [JsonPropertyName("replayId")]
    public required string ReplayId { get; init; }

    [JsonPropertyName("consumer")]
    public required ConsumerName Consumer { get; init; }

    /// <summary>The plan that it is a part of; <see langword="null"/> if it stands alone.</summary>
    [JsonPropertyName("plan")]
    public string? Plan { get; init; }

    /// <summary>Its number in the plan, from 1.</summary>
    [JsonPropertyName("lane")]
    public int SubjectNumber { get; init; }

    /// <summary>Set if only this entry is to be replayed, not what waits behind it.</summary>
    [JsonPropertyName("only")]
    public DeadLetterId? Only { get; init; }

    /// <summary>The dead letter whose delayed retry made this replay, which no operator asked for; <see langword="null"/> for a replay that an operator started.</summary>
    [JsonPropertyName("held")]
    public DeadLetterId? DelayedRetryOf { get; init; }

    /// <summary>The replay that this one takes its entry from, and that has to see it.</summary>
    [JsonPropertyName("after")]
    public string? After { get; init; }

    /// <summary>The earliest time of the first message; <see langword="null"/> for at once. The broker keeps it until then, so no instance waits.</summary>
    [JsonPropertyName("notBefore")]
    public DateTimeOffset? NotBefore { get; init; }

    /// <summary>The least time between two messages, in milliseconds; 0 for none. The broker keeps what is too early.</summary>
    [JsonPropertyName("interval")]
    public int IntervalMilliseconds { get; set; }

    [JsonPropertyName("status")]
    public required string Status { get; set; }

    /// <summary>Why it stopped.</summary>
    [JsonPropertyName("detail")]
    public string? Detail { get; set; }

    /// <summary>The entry that was sent last.</summary>
    [JsonPropertyName("sentEntry")]
    public DeadLetterId? SentEntry { get; set; }

    /// <summary>The attempt number that it was sent with.</summary>
    [JsonPropertyName("sentAttempt")]
    public int SentAttempt { get; set; }

    [JsonPropertyName("sentAt")]
    public DateTimeOffset? SentAt { get; set; }

    /// <summary>How many entries were sent.</summary>
    [JsonPropertyName("sent")]
    public int Sent { get; set; }

    /// <summary>How many of them turned out to have had their effect before.</summary>
    [JsonPropertyName("alreadyHandled")]
    public int AlreadyHandled { get; set; }

    [JsonPropertyName("createdAt")]
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Seconds until the record expires; unset while it is applying.</summary>
    [JsonPropertyName("ttl")]
    public int? TtlSeconds { get; set; }

    [JsonPropertyName("_etag")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ETag { get; set; }
}
