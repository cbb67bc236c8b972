using System.Text.Json.Serialization;

namespace Pipeline.Storage;

/// <summary>
/// Says in a partition why a consumer gives its messages back, where no dead letter does: the partition is damaged so that it can keep
/// none, or something is out of reach. Renewed whenever that happens, and gone some time after it happened last. It is in the store
/// and not in memory because whoever asks is served by another instance.
/// </summary>
internal sealed class HandlingProblem
{
    /// <summary>How long it stays after it was written last, in seconds.</summary>
    public const int TimeToLiveSeconds = 10 * 60;

    /// <summary>The kind, <see cref="RecordKinds.Damage"/> or <see cref="RecordKinds.GivenBack"/>, and the consumer.</summary>
    [JsonPropertyName("id")]
    public required string Id { get; init; }

    [JsonPropertyName("pk")]
    public required string Partition { get; init; }

    [JsonPropertyName("kind")]
    public required string Kind { get; init; }

    [JsonPropertyName("ttl")]
    public int TtlSeconds { get; init; } = TimeToLiveSeconds;

    /// <summary>Who met it: a consumer, or <c>http</c>, or <c>replay</c>.</summary>
    [JsonPropertyName("consumer")]
    public required string Consumer { get; init; }

    /// <summary>What is damaged, or out of reach.</summary>
    [JsonPropertyName("what")]
    public required string What { get; init; }

    /// <summary>When it happened first.</summary>
    [JsonPropertyName("since")]
    public required DateTimeOffset Since { get; init; }

    /// <summary>When it happened last.</summary>
    [JsonPropertyName("seenAt")]
    public required DateTimeOffset SeenAt { get; init; }

    /// <summary>How often it happened.</summary>
    [JsonPropertyName("times")]
    public required int Times { get; init; }

    public static string IdOf(string kind, string consumer) => $"{kind}:{consumer.Replace("/", "~1", StringComparison.Ordinal)}";
}
