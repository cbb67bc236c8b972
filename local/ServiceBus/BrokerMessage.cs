using Azure.Messaging.ServiceBus;

namespace Pipeline.Local.ServiceBus;

/// <summary>A message in one queue, subscription or dead-letter queue.</summary>
internal sealed class BrokerMessage(long sequenceNumber, StoredMessage stored)
{
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

    /// <summary>Place in the <see cref="LockedMessages"/> it is in.</summary>
    public int LockedIndex { get; set; }

    public bool HasOwnProperties => !ReferenceEquals(Properties, Stored.Properties);

    /// <summary>What the receiver gets to see.</summary>
    public ServiceBusReceivedMessage ToReceived(SessionLock? session) =>
        new(Stored, Properties)
        {
            SequenceNumber = SequenceNumber,
            DeliveryCount = FailedDeliveries + 1,
            LockTokenGuid = LockToken,
            Session = session,
            OwnLockedUntil = Lock?.LockedUntil,
            State = IsDeferred ? ServiceBusMessageState.Deferred : ServiceBusMessageState.Active,
        };

    /// <summary>What someone who peeks gets to see: no lock, and only the deliveries that failed.</summary>
    public ServiceBusReceivedMessage ToPeeked() =>
        new(Stored, Properties)
        {
            SequenceNumber = SequenceNumber,
            DeliveryCount = FailedDeliveries,
            State = IsDeferred ? ServiceBusMessageState.Deferred : ServiceBusMessageState.Active,
        };
}

/// <summary>Messages that are locked; adding and removing take constant time.</summary>
internal sealed class LockedMessages
{
    private readonly List<BrokerMessage> _messages = [];

    public int Count => _messages.Count;

    public IReadOnlyList<BrokerMessage> All => _messages;

    public void Add(BrokerMessage message)
    {
        message.LockedIndex = _messages.Count;
        _messages.Add(message);
    }

    public void Remove(BrokerMessage message)
    {
        var last = _messages[^1];
        _messages[message.LockedIndex] = last;
        last.LockedIndex = message.LockedIndex;
        _messages.RemoveAt(_messages.Count - 1);
    }
}

/// <summary>A lock on one message of an entity without sessions.</summary>
internal sealed class MessageLock(BrokerQueue queue, BrokerMessage message) : BrokerDueItem
{
    public DateTimeOffset LockedUntil => new(DueTicks, TimeSpan.Zero);

    public override void Fire(Broker broker, DateTimeOffset now) => broker.ExpireMessageLock(queue, message);
}
