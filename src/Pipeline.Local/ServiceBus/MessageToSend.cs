namespace Pipeline.Local.ServiceBus;

/// <summary>A message as its sender hands it to the broker.</summary>
internal sealed class MessageToSend(BinaryData body)
{
    private const int MaxIdLength = 128;

    /// <summary>A message with the UTF-8 bytes of a text.</summary>
    public MessageToSend(string body)
        : this(BinaryData.FromString(body))
    {
    }

    public BinaryData Body => body;

    public BodyKind BodyKind { get; init; }

    /// <summary>Id for duplicate detection, up to 128 characters. A message without one is never a duplicate.</summary>
    public string? MessageId { get; set; }

    public string? SessionId { get; set; }
    public string? PartitionKey { get; set; }
    public string? ReplyToSessionId { get; set; }
    public string? TransactionPartitionKey { get; set; }

    /// <summary>Lifetime from when it is enqueued, more than zero. Default: for ever.</summary>
    public TimeSpan TimeToLive { get; set; } = TimeSpan.MaxValue;

    public string? CorrelationId { get; set; }
    public string? Subject { get; set; }
    public string? To { get; set; }
    public string? ContentType { get; set; }
    public string? ReplyTo { get; set; }

    /// <summary>When the message becomes available; a time that has come means at once. Default: at once.</summary>
    public DateTimeOffset ScheduledEnqueueTime { get; set; }

    /// <summary>Properties of the application, which the rules of subscriptions see.</summary>
    public IDictionary<string, object> ApplicationProperties { get; init; } = new Dictionary<string, object>(StringComparer.Ordinal);

    /// <exception cref="ArgumentException">An id or key is too long, or the lifetime is over before it begins.</exception>
    public void Check()
    {
        NotTooLong(MessageId, nameof(MessageId));
        NotTooLong(SessionId, nameof(SessionId));
        NotTooLong(PartitionKey, nameof(PartitionKey));
        NotTooLong(ReplyToSessionId, nameof(ReplyToSessionId));
        NotTooLong(TransactionPartitionKey, nameof(TransactionPartitionKey));
        if (TimeToLive <= TimeSpan.Zero)
            throw new ArgumentException($"{nameof(TimeToLive)} {TimeToLive} is not more than zero.");
        if (SessionId is not null && PartitionKey is not null && !string.Equals(SessionId, PartitionKey, StringComparison.Ordinal))
            throw new ArgumentException($"The partition key '{PartitionKey}' is not the session id '{SessionId}'.");
    }

    private static void NotTooLong(string? value, string property)
    {
        if (value?.Length > MaxIdLength)
            throw new ArgumentException($"{property} is longer than {MaxIdLength} characters.");
    }
}
