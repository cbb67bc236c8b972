using System.Text.Json.Serialization;

namespace Pipeline.Storage;

/// <summary>Selects dead letters. A property that is <see langword="null"/> selects all.</summary>
public sealed record DeadLetterFilter
{
    /// <summary>The dead letter's id.</summary>
    [JsonPropertyName("id")]
    public string? Id { get; init; }

    /// <summary>The consumer.</summary>
    [JsonPropertyName("consumer")]
    public string? Consumer { get; init; }

    /// <summary>The subject.</summary>
    [JsonPropertyName("subject")]
    public string? Partition { get; init; }

    /// <summary>CloudEvents type.</summary>
    [JsonPropertyName("type")]
    public string? Type { get; init; }

    /// <summary>CloudEvents id.</summary>
    [JsonPropertyName("event")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? EventId { get; init; }

    /// <summary>CloudEvents source.</summary>
    [JsonPropertyName("source")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Source { get; init; }

    /// <summary>One of <see cref="Failures.DeadLetterReasons"/>, or what the broker gave.</summary>
    [JsonPropertyName("reason")]
    public string? Reason { get; init; }

    /// <summary>The fingerprint; <c>unknown</c> for entries that have none.</summary>
    [JsonPropertyName("fingerprint")]
    public string? Fingerprint { get; init; }

    /// <summary>Made then or later.</summary>
    [JsonPropertyName("from")]
    public DateTimeOffset? From { get; init; }

    /// <summary>Made before then.</summary>
    [JsonPropertyName("to")]
    public DateTimeOffset? To { get; init; }

    /// <summary>Only open or only closed ones.</summary>
    [JsonIgnore]
    public bool? Open { get; init; }

    /// <summary>Only those that were discarded.</summary>
    [JsonIgnore]
    public bool Discarded { get; init; }

    /// <summary>Only those that are retried by themselves when due.</summary>
    [JsonIgnore]
    public bool WaitingForRetry { get; init; }

    /// <summary>The only partition to look in; <see langword="null"/> for all of them.</summary>
    [JsonIgnore]
    internal Partition? OnlyIn => Partition is { } partition ? new Partition(partition) : null;

    /// <summary>Whether those are meant that are older than fingerprints.</summary>
    [JsonIgnore]
    internal bool IsWithoutFingerprint => Fingerprint == Failures.Fingerprint.Unknown;
}
