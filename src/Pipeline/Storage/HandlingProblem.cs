using System.Text.Json.Serialization;

namespace Pipeline.Storage;

/// <summary>
/// Says in a partition why a consumer returns its messages to the broker where no dead letter does: the partition is too damaged to keep
/// one, or a service is unavailable. Renewed whenever it happens, and expired some time after it happened last. It is stored because the
/// instance that lists problems is usually another one.
/// </summary>
internal sealed record HandlingProblem
{
    /// <summary>How long it is kept after it was written last, in seconds.</summary>
    public const int TimeToLiveSeconds = 10 * 60;

    private const int MaxTextLength = 500;

    /// <summary>The kind, <see cref="RecordKinds.Damage"/> or <see cref="RecordKinds.GivenBack"/>, and the consumer.</summary>
    [JsonPropertyName("id")]
    public required string Id { get; init; }

    [JsonPropertyName("pk")]
    public required Partition Partition { get; init; }

    [JsonPropertyName("kind")]
    public required string Kind { get; init; }

    [JsonPropertyName("ttl")]
    public int TtlSeconds { get; init; } = TimeToLiveSeconds;

    /// <summary>The consumer that met it, or <c>http</c>, or <c>replay</c>.</summary>
    [JsonPropertyName("consumer")]
    public required ConsumerName Consumer { get; init; }

    /// <summary>What is damaged or unavailable.</summary>
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
    public int Times { get; init; } = 1;

    /// <summary>A partition is damaged.</summary>
    public static HandlingProblem Damage(DamagedPartitionException damage, ConsumerName consumer, DateTimeOffset now) =>
        Of(RecordKinds.Damage, damage.Partition, consumer, damage.What, now);

    /// <summary>A consumer returned a message for a reason that is not the message's own.</summary>
    public static HandlingProblem GivenBack(Partition partition, ConsumerName consumer, Exception why, DateTimeOffset now)
    {
        var text = $"{why.GetType().Name}: {why.Message.ReplaceLineEndings(" ")}";
        return Of(RecordKinds.GivenBack, partition, consumer, text.Length <= MaxTextLength ? text : text[..MaxTextLength], now);
    }

    private static HandlingProblem Of(string kind, Partition partition, ConsumerName consumer, string what, DateTimeOffset now) => new()
    {
        Id = $"{kind}:{consumer.Value.Replace("/", "~1", StringComparison.Ordinal)}",
        Partition = partition,
        Kind = kind,
        Consumer = consumer,
        What = what,
        Since = now,
        SeenAt = now,
    };
}
