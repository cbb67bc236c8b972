using System.Text.Json.Serialization;
using Pipeline.Storage;

namespace Pipeline.Operations;

/// <summary>What the list needs of a dead letter.</summary>
internal sealed record BlockingDeadLetter(
    [property: JsonPropertyName("id"), JsonRequired] DeadLetterId Id,
    [property: JsonPropertyName("pk"), JsonRequired] Partition Partition,
    [property: JsonPropertyName("consumer"), JsonRequired] ConsumerName Consumer,
    [property: JsonPropertyName("reason")] string Reason,
    [property: JsonPropertyName("summary")] string? Summary,
    [property: JsonPropertyName("createdAt")] DateTimeOffset CreatedAt,
    [property: JsonPropertyName("retryAt")] DateTimeOffset? RetryAt);
