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

/// <summary>The order in which messages are received; one that comes back finds its place again.</summary>
internal readonly struct BySequenceNumber : IHeapOrder<BrokerMessage>
{
    public static bool IsBefore(BrokerMessage left, BrokerMessage right) => left.SequenceNumber < right.SequenceNumber;

    public static int PlaceOf(BrokerMessage item) => item.Place;

    public static void SetPlace(BrokerMessage item, int place) => item.Place = place;
}

/// <summary>Messages that are locked; adding and removing take constant time.</summary>
internal sealed class LockedMessages
{
    private readonly List<BrokerMessage> _messages = [];

    public int Count => _messages.Count;

    public IReadOnlyList<BrokerMessage> All => _messages;

    public void Add(BrokerMessage message)
    {
        message.Place = _messages.Count;
        _messages.Add(message);
    }

    public void Remove(BrokerMessage message)
    {
        var last = _messages[^1];
        _messages[message.Place] = last;
        last.Place = message.Place;
        _messages.RemoveAt(_messages.Count - 1);
    }
}

/// <summary>A lock on one message of an entity without sessions.</summary>
internal sealed class MessageLock(BrokerQueue queue, BrokerMessage message) : BrokerDueItem
{
    public DateTimeOffset LockedUntil => new(DueTicks, TimeSpan.Zero);

    public override void Fire(Broker broker, DateTimeOffset now) => broker.ExpireMessageLock(queue, message);
}

/// <summary>The end of a message's lifetime. Passes over one that is locked or deferred: what becomes of that shows when it comes back.</summary>
internal sealed class MessageExpiry(BrokerQueue queue, BrokerMessage message) : BrokerDueItem
{
    public BrokerQueue Queue => queue;
    public BrokerMessage Message => message;

    public override void Fire(Broker broker, DateTimeOffset now) => broker.Expire(this, now);
}
