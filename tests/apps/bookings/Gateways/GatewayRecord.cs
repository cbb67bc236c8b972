using System.Text.Json.Serialization;

namespace Pipeline.BookingApp;

/// <summary>An answer of a simulated gateway as it stores it.</summary>
/// <param name="Id">The idempotency key of the call.</param>
/// <param name="Partition">The booking.</param>
/// <param name="Kind">The gateway.</param>
/// <param name="Answer">The answer.</param>
internal sealed record GatewayRecord<T>(string Id, [property: JsonPropertyName("pk")] string Partition, string Kind, T Answer);
