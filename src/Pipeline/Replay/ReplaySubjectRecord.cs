using System.Text.Json.Serialization;
using Pipeline.Storage;

namespace Pipeline.Replay;

/// <summary>One subject of a replay.</summary>
internal sealed class ReplaySubjectRecord
{
    /// <summary>Plans are kept for 90 days after their last change.</summary>
    public const int KeptSeconds = 90 * 24 * 60 * 60;

    [JsonPropertyName("id")]
    public required string Id { get; init; }

    [JsonPropertyName("pk")]
    public required string ReplayId { get; init; }

    [JsonPropertyName("kind")]
    public string Kind { get; init; } = "lane";

    [JsonPropertyName("number")]
    public required int Number { get; init; }

    [JsonPropertyName("container")]
    public required string Container { get; init; }

    [JsonPropertyName("partition")]
    public required Partition Partition { get; init; }

    [JsonPropertyName("consumer")]
    public required ConsumerName Consumer { get; init; }

    /// <summary>The blocking dead letter when it was planned.</summary>
    [JsonPropertyName("entry")]
    public required DeadLetterId Entry { get; init; }

    /// <summary>Whether nothing but that entry is meant.</summary>
    [JsonPropertyName("only")]
    public bool Only { get; init; }

    [JsonPropertyName("place")]
    public required string Position { get; init; }

    [JsonPropertyName("type")]
    public string? Type { get; init; }

    [JsonPropertyName("reason")]
    public required string Reason { get; init; }

    /// <summary>Messages that waited when it was planned, the head included.</summary>
    [JsonPropertyName("waiting")]
    public required int Waiting { get; init; }

    [JsonPropertyName("status")]
    public required string Status { get; set; }

    [JsonPropertyName("detail")]
    public string? Detail { get; set; }

    [JsonPropertyName("sent")]
    public int Sent { get; set; }

    [JsonPropertyName("alreadyHandled")]
    public int AlreadyHandled { get; set; }

    /// <summary>The earliest time of its first message; inherited from the subject before it, so that the rate holds.</summary>
    [JsonPropertyName("notBefore")]
    public DateTimeOffset? NotBefore { get; set; }

    [JsonPropertyName("ttl")]
    public int TtlSeconds { get; set; } = KeptSeconds;

    [JsonPropertyName("_etag")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ETag { get; set; }

    /// <summary>Name of the replay of this subject, in its own partition.</summary>
    [JsonIgnore]
    public string LaneId => string.Create(null, $"{ReplayId}-{Number}");

    public static string IdOf(int number) => string.Create(null, $"lane:{number:D7}");
}
