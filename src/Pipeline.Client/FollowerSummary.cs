using System.Text.Json.Serialization;

namespace Pipeline.Client;

/// <summary>One message that waits.</summary>
/// <param name="Id">Its entry's id.</param>
/// <param name="EventId">CloudEvents id.</param>
/// <param name="Type">CloudEvents type.</param>
/// <param name="Sequence">The source's sequence.</param>
/// <param name="Reason">Why it is a dead letter.</param>
/// <param name="CreatedAt">Since when.</param>
public sealed record FollowerSummary(
    [property: JsonPropertyName("id")] string Id,
    [property: JsonPropertyName("eventId")] string? EventId,
    [property: JsonPropertyName("type")] string? Type,
    [property: JsonPropertyName("sequence")] long? Sequence,
    [property: JsonPropertyName("reason")] string Reason,
    [property: JsonPropertyName("createdAt")] DateTimeOffset CreatedAt);
