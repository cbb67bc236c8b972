namespace Pipeline.Local.ServiceBus;

/// <summary>A message as a receiver gets it, or as one who peeks sees it.</summary>
internal sealed class BrokerDelivery(StoredMessage content, IReadOnlyDictionary<string, object> properties)
{
    public const string DeadLetterReasonProperty = "DeadLetterReason";
    public const string DeadLetterErrorDescriptionProperty = "DeadLetterErrorDescription";

    /// <summary>What its sender set.</summary>
    public StoredMessage Content => content;

    /// <summary>Properties that the sender set, with the changes of abandon, defer and dead-letter calls.</summary>
    public IReadOnlyDictionary<string, object> ApplicationProperties => properties;

    public BinaryData Body => content.Body;
    public string? MessageId => content.MessageId;
    public string? SessionId => content.SessionId;
    public string? PartitionKey => content.PartitionKey;
    public string? TransactionPartitionKey => content.TransactionPartitionKey;
    public string? ReplyToSessionId => content.ReplyToSessionId;
    public string? CorrelationId => content.CorrelationId;
    public string? Subject => content.Subject;
    public string? To => content.To;
    public string? ContentType => content.ContentType;
    public string? ReplyTo => content.ReplyTo;

    /// <summary>When a scheduled message becomes or became available; default if it was not scheduled.</summary>
    public DateTimeOffset ScheduledEnqueueTime => content.ScheduledEnqueueTime;

    public DateTimeOffset EnqueuedTime => content.EnqueuedTime;

    /// <summary>Sequence number at the entity that it was sent to.</summary>
    public long EnqueuedSequenceNumber => content.EnqueuedSequenceNumber;

    /// <summary>Lifetime from when it was enqueued: what its sender set, or the entity's limit if that is less.</summary>
    public TimeSpan TimeToLive =>
        ExpiresTicks == BrokerMessage.Never ? content.TimeToLive : TimeSpan.FromTicks(ExpiresTicks - EnqueuedTime.UtcTicks);

    /// <summary>When it expires.</summary>
    public DateTimeOffset ExpiresAt =>
        TimeToLive >= DateTimeOffset.MaxValue - EnqueuedTime ? DateTimeOffset.MaxValue : EnqueuedTime + TimeToLive;

    /// <summary>Number of this delivery, from 1. Of a peeked message: how many deliveries have failed.</summary>
    public int DeliveryCount { get; init; }

    /// <summary>Sequence number in its queue or subscription. A dead letter keeps it.</summary>
    public long SequenceNumber { get; init; }

    public BrokerMessageState State { get; init; }

    /// <summary>Where it was dead-lettered, if it was forwarded out of the dead-letter queue; else <see langword="null"/>.</summary>
    public string? DeadLetterSource { get; init; }

    public string? DeadLetterReason => Text(DeadLetterReasonProperty);

    public string? DeadLetterErrorDescription => Text(DeadLetterErrorDescriptionProperty);

    /// <summary>By which it is settled; all zeros for a peeked message.</summary>
    public Guid LockToken { get; init; }

    /// <summary>Until when it is locked; in a session, until when the session is.</summary>
    public DateTimeOffset LockedUntil => OwnLockedUntil ?? Session?.LockedUntil ?? default;

    /// <summary>The session lock that it was received under.</summary>
    public SessionLock? Session { get; init; }

    /// <summary>Until when its own lock holds, where it is not a session's.</summary>
    public DateTimeOffset? OwnLockedUntil { get; set; }

    /// <summary>UTC ticks at which it expires; <see cref="BrokerMessage.Never"/>: as its sender set it.</summary>
    public long ExpiresTicks { get; init; } = BrokerMessage.Never;

    /// <summary>The body as text.</summary>
    public override string ToString() => Body.ToString();

    private string? Text(string property) => ApplicationProperties.TryGetValue(property, out var value) ? value as string : null;
}
