namespace Pipeline.Local.ServiceBus;

/// <summary>A message, its body cut off after 1 KB.</summary>
internal sealed record MessageView(
    long SequenceNumber,
    string State,
    string? MessageId,
    string? SessionId,
    DateTimeOffset EnqueuedTime,
    DateTimeOffset? ExpiresAt,
    int DeliveryCount,
    string? Subject,
    string? ContentType,
    string? CorrelationId,
    string? DeadLetterReason,
    string? DeadLetterErrorDescription,
    IReadOnlyDictionary<string, string?> Properties,
    int BodyBytes,
    string Body);
