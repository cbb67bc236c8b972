using System.Text.Json.Serialization;

namespace Pipeline.Functions.Gateways;

/// <summary>The faults as stored.</summary>
internal sealed record CarrierFaultsRecord
{
    public const string Name = "carrier-faults";

    [JsonPropertyName("id")]
    public string Id { get; init; } = Name;

    [JsonPropertyName("pk")]
    public string Partition { get; init; } = Name;

    [JsonPropertyName("skus")]
    public required IReadOnlyList<string> Skus { get; init; }
}
