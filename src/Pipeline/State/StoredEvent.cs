using System.Text.Json;
using System.Text.Json.Serialization;

namespace Pipeline.State;

/// <summary>The event of a stream as stored, for those who show history.</summary>
internal sealed record StoredEvent
{
    [JsonPropertyName("version")]
    public required long Version { get; init; }

    [JsonPropertyName("time")]
    public required DateTimeOffset Time { get; init; }

    [JsonPropertyName("causationId")]
    public required string CausationId { get; init; }

    [JsonPropertyName("correlationId")]
    public required string CorrelationId { get; init; }

    [JsonPropertyName("data")]
    public required JsonElement Data { get; init; }
}
