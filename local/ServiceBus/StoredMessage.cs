namespace Pipeline.Local.ServiceBus;

/// <summary>
/// A message as it was accepted: what the sender set, and what the broker stamped on it. Never changes, and is shared
/// by the copies in all subscriptions.
/// </summary>
internal sealed record StoredMessage(BinaryData Body, IReadOnlyDictionary<string, object> Properties)
{
    public string? MessageId { get; init; }
    public string? SessionId { get; init; }
    public string? PartitionKey { get; init; }
    public string? ReplyToSessionId { get; init; }
    public TimeSpan TimeToLive { get; init; } = TimeSpan.MaxValue;
    public string? CorrelationId { get; init; }
    public string? Subject { get; init; }
    public string? To { get; init; }
    public string? ContentType { get; init; }
    public string? ReplyTo { get; init; }
    public DateTimeOffset ScheduledEnqueueTime { get; init; }
    public DateTimeOffset EnqueuedTime { get; init; }
    public long EnqueuedSequenceNumber { get; init; }
}
