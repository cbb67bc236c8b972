using System.Text.Json.Serialization;

namespace Pipeline.Client;

/// <summary>One edit of a message: who, when, why and what.</summary>
public sealed record EditDetails
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
