using System.Text.Json.Serialization;

namespace Pipeline.DeadLetters;

/// <summary>Who gave a message up, when and why.</summary>
public sealed class DiscardDetails
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
