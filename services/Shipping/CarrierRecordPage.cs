using System.Text.Json.Serialization;

namespace Pipeline.Services.Shipping;

internal sealed record CarrierRecordPage
{
    [JsonPropertyName("Documents")]
    public required IReadOnlyList<CarrierRecord> Documents { get; init; }
}
