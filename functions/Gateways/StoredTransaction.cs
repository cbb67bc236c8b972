using System.Text.Json.Serialization;
using Pipeline.Services.Payments;

namespace Pipeline.Functions.Gateways;

/// <summary>A transaction as the simulated gateway stores it.</summary>
internal sealed record StoredTransaction
{
    [JsonPropertyName("id")]
    public required string Id { get; init; }

    [JsonPropertyName("pk")]
    public required string Partition { get; init; }

    [JsonPropertyName("transaction")]
    public required GatewayTransaction Transaction { get; init; }
}
