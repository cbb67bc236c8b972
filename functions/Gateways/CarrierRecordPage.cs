using System.Text.Json.Serialization;

namespace Pipeline.Functions.Gateways;

internal sealed record CarrierRecordPage
{
    [JsonPropertyName("Documents")]
    public required IReadOnlyList<CarrierRecord> Documents { get; init; }
}
