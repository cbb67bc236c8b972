using System.Text.Json.Serialization;
using Pipeline.Services.Notifications;

namespace Pipeline.Functions.Gateways;

/// <summary>An e-mail as the simulated provider keeps it.</summary>
internal sealed record StoredEmail
{
    [JsonPropertyName("id")]
    public required string Id { get; init; }

    [JsonPropertyName("pk")]
    public required string Partition { get; init; }

    [JsonPropertyName("email")]
    public required SentEmail Email { get; init; }
}
