namespace Pipeline.Local.ServiceBus;

/// <summary>A message in one queue, subscription or dead-letter queue.</summary>
internal sealed class BrokerMessage(long sequenceNumber, StoredMessage stored)
{
    public const long Never = long.MaxValue;

    public long SequenceNumber => sequenceNumber;
    public StoredMessage Stored => stored;

    /// <summary>The sender's properties, as changed since by abandon, defer and dead-letter calls.</summary>
    public IReadOnlyDictionary<string, object> Properties { get; set; } = stored.Properties;

    /// <summary>Deliveries that ended in abandon, lock expiry or a crash.</summary>
    public int FailedDeliveries { get; set; }

    public bool IsDeferred { get; set; }

    /// <summary>Out for delivery: locked by a receiver now, or when the process ended.</summary>
    public bool IsDelivered { get; set; }

    public Guid LockToken { get; set; }

    /// <summary>Its session, where there are sessions.</summary>
    public BrokerSession? Session { get; set; }

    /// <summary>Its lock in an entity without sessions.</summary>
    public MessageLock? Lock { get; set; }

    /// <summary>Place in the <see cref="LockedMessages"/> it is in, or among what can be received.</summary>
    public int Place { get; set; }

    /// <summary>UTC ticks at which it expires; <see cref="Never"/> if it does not.</summary>
    public long ExpiresTicks { get; init; } = Never;

    /// <summary>Has it expire in time; made when it is first needed.</summary>
    public MessageExpiry? Expiry { get; set; }

    /// <summary>Where it was dead-lettered, if it was forwarded from there.</summary>
    public string? DeadLetterSource { get; init; }

    /// <summary>Whether it can be received: neither out for delivery nor deferred.</summary>
    public bool IsAvailable => !IsDelivered && !IsDeferred;

    public bool HasOwnProperties => !ReferenceEquals(Properties, Stored.Properties);

    /// <summary>The same message as it was enqueued, once more.</summary>
    public BrokerMessage Twin(long number) =>
        new(number, stored) { ExpiresTicks = ExpiresTicks, DeadLetterSource = DeadLetterSource };

    /// <summary>What the receiver gets to see.</summary>
    public BrokerDelivery ToReceived(SessionLock? session) =>
        new(Stored, Properties)
        {
            SequenceNumber = SequenceNumber,
            DeliveryCount = FailedDeliveries + 1,
            LockToken = LockToken,
            Session = session,
            OwnLockedUntil = Lock?.LockedUntil,
            ExpiresTicks = ExpiresTicks,
            DeadLetterSource = DeadLetterSource,
            State = IsDeferred ? BrokerMessageState.Deferred : BrokerMessageState.Active,
        };

    /// <summary>What someone who peeks gets to see: no lock, and only the deliveries that failed.</summary>
    public BrokerDelivery ToPeeked() =>
        new(Stored, Properties)
        {
            SequenceNumber = SequenceNumber,
            DeliveryCount = FailedDeliveries,
            ExpiresTicks = ExpiresTicks,
            DeadLetterSource = DeadLetterSource,
            State = IsDeferred ? BrokerMessageState.Deferred : BrokerMessageState.Active,
        };
}
