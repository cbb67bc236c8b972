using Pipeline.Local.ServiceBus;

namespace Azure.Messaging.ServiceBus;

/// <summary>A received (or peeked) message.</summary>
public class ServiceBusReceivedMessage
{
    internal const string DeadLetterReasonProperty = "DeadLetterReason";
    internal const string DeadLetterErrorDescriptionProperty = "DeadLetterErrorDescription";

    internal ServiceBusReceivedMessage(StoredMessage content, IReadOnlyDictionary<string, object> properties)
    {
        Content = content;
        ApplicationProperties = properties;
    }

    /// <summary>Properties that the sender set, with the changes of abandon, defer and dead-letter calls.</summary>
    public IReadOnlyDictionary<string, object> ApplicationProperties { get; }

    /// <summary>The body.</summary>
    public BinaryData Body => Content.Body;

    /// <summary>Id that the sender set.</summary>
    public string? MessageId => Content.MessageId;

    /// <summary>Session.</summary>
    public string? SessionId => Content.SessionId;

    /// <summary>Partition key.</summary>
    public string? PartitionKey => Content.PartitionKey;

    /// <summary>Partition key of a transfer queue.</summary>
    public string? TransactionPartitionKey => Content.TransactionPartitionKey;

    /// <summary>Session to reply to.</summary>
    public string? ReplyToSessionId => Content.ReplyToSessionId;

    /// <summary>Lifetime from when it was enqueued: what its sender set, or the entity's limit if that is less.</summary>
    public TimeSpan TimeToLive =>
        ExpiresTicks == BrokerMessage.Never ? Content.TimeToLive : TimeSpan.FromTicks(ExpiresTicks - EnqueuedTime.UtcTicks);

    /// <summary>Correlation id.</summary>
    public string? CorrelationId => Content.CorrelationId;

    /// <summary>Subject (label) of the application.</summary>
    public string? Subject => Content.Subject;

    /// <summary>Address.</summary>
    public string? To => Content.To;

    /// <summary>MIME type of the body.</summary>
    public string? ContentType => Content.ContentType;

    /// <summary>Address to reply to.</summary>
    public string? ReplyTo => Content.ReplyTo;

    /// <summary>When a scheduled message becomes or became available; default if it was not scheduled.</summary>
    public DateTimeOffset ScheduledEnqueueTime => Content.ScheduledEnqueueTime;

    /// <summary>Number of this delivery, from 1. Of a peeked message: how many deliveries have failed.</summary>
    public int DeliveryCount { get; internal init; }

    /// <summary>Sequence number in its queue or subscription. A dead letter keeps it.</summary>
    public long SequenceNumber { get; internal init; }

    /// <summary>Sequence number at the entity that it was sent to.</summary>
    public long EnqueuedSequenceNumber => Content.EnqueuedSequenceNumber;

    /// <summary>When the broker enqueued it.</summary>
    public DateTimeOffset EnqueuedTime => Content.EnqueuedTime;

    /// <summary>Active, deferred or scheduled.</summary>
    public ServiceBusMessageState State { get; internal init; }

    /// <summary>When it expires.</summary>
    public DateTimeOffset ExpiresAt =>
        TimeToLive >= DateTimeOffset.MaxValue - EnqueuedTime ? DateTimeOffset.MaxValue : EnqueuedTime + TimeToLive;

    /// <summary>Where it was dead-lettered, if it was forwarded out of the dead-letter queue; else <see langword="null"/>.</summary>
    public string? DeadLetterSource { get; internal init; }

    /// <summary>Why it was dead-lettered, or <see langword="null"/>.</summary>
    public string? DeadLetterReason => Text(DeadLetterReasonProperty);

    /// <summary>Details on why it was dead-lettered, or <see langword="null"/>.</summary>
    public string? DeadLetterErrorDescription => Text(DeadLetterErrorDescriptionProperty);

    /// <summary>Token of the lock; all zeros for a peeked message.</summary>
    public string LockToken => LockTokenGuid.ToString();

    /// <summary>Until when it is locked; in a session, until when the session is.</summary>
    public DateTimeOffset LockedUntil => OwnLockedUntil ?? Session?.LockedUntil ?? default;

    internal StoredMessage Content { get; }

    internal Guid LockTokenGuid { get; init; }

    /// <summary>Until when its own lock holds, where it is not a session's.</summary>
    internal DateTimeOffset? OwnLockedUntil { get; set; }

    /// <summary>UTC ticks at which it expires; <see cref="BrokerMessage.Never"/>: as its sender set it.</summary>
    internal long ExpiresTicks { get; init; } = BrokerMessage.Never;

    /// <summary>The session lock that it was received under.</summary>
    internal SessionLock? Session { get; init; }

    /// <summary>The body as text.</summary>
    public override string ToString() => Body.ToString();

    private string? Text(string property) => ApplicationProperties.TryGetValue(property, out var value) ? value as string : null;
}
