using System.Text.Json.Serialization;

namespace Pipeline.Client;

/// <summary>Who discarded a message, when and why.</summary>
public sealed record DiscardDetails
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
