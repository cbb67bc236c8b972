using System.Text.Json.Serialization;
using Pipeline.Services.Shipping;

namespace Pipeline.Functions.Gateways;

/// <summary>A booking or recall as the simulated carrier stores it.</summary>
internal sealed record CarrierRecord
{
    public const string CarrierKind = "carrier";

    [JsonPropertyName("id")]
    public required string Id { get; init; }

    [JsonPropertyName("pk")]
    public required string Partition { get; init; }

    [JsonPropertyName("kind")]
    public string Kind { get; init; } = CarrierKind;

    [JsonPropertyName("booking")]
    public CarrierBooking? Booking { get; init; }

    [JsonPropertyName("items")]
    public IReadOnlyList<ParcelItem>? Items { get; init; }

    [JsonPropertyName("recall")]
    public CarrierRecall? Recall { get; init; }
}
