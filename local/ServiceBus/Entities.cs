using Azure.Messaging.ServiceBus;

namespace Pipeline.Local.ServiceBus;

/// <summary>A topic, queue, subscription or dead-letter queue.</summary>
internal abstract class BrokerEntity(string name, string path, DuplicateHistory? history)
{
    /// <summary>Number in the journal; 0 until it has one.</summary>
    public int Id { get; set; }

    /// <summary>Short name, "topic/subscription/$DeadLetterQueue".</summary>
    public string Name => name;

    /// <summary>Name as clients see it, "topic/Subscriptions/subscription/$DeadLetterQueue".</summary>
    public string Path => path;

    /// <summary>Ids for duplicate detection; <see langword="null"/> where there is none.</summary>
    public DuplicateHistory? History => history;

    public long NextSequenceNumber { get; set; } = 1;

    public Dictionary<long, ScheduledMessage> Scheduled { get; } = [];

    /// <summary>Makes it as new: it was deleted.</summary>
    public virtual void Clear()
    {
        Id = 0;
        NextSequenceNumber = 1;
        Scheduled.Clear();
        History?.Clear();
    }
}

/// <summary>A message that waits for its time, at the entity that it was sent to.</summary>
internal sealed class ScheduledMessage(BrokerEntity entity, long sequenceNumber, StoredMessage stored) : BrokerDueItem
{
    public BrokerEntity Entity => entity;
    public long SequenceNumber => sequenceNumber;
    public StoredMessage Stored => stored;

    public override void Fire(Broker broker, DateTimeOffset now) => broker.EnqueueScheduled(this, now);
}

/// <summary>A topic: copies what is sent to it into the subscriptions that have a rule for it.</summary>
internal sealed class BrokerTopic(string name, DuplicateHistory? history) : BrokerEntity(name, name, history)
{
    private const string TypeProperty = "cloudEvents_type";
    private const string ReplayForProperty = "replayfor";
    private const string ReplayForAll = "all";

    private readonly Dictionary<string, List<BrokerQueue>> _byType = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<BrokerQueue>> _byReplay = new(StringComparer.Ordinal);

    /// <summary>Gives a subscription its correlation rules: one for each type, and one for replays addressed to it.</summary>
    public void Subscribe(BrokerQueue subscription, IEnumerable<string> types)
    {
        foreach (var type in types.Distinct(StringComparer.Ordinal))
            Rule(_byType, type, subscription);
        Rule(_byReplay, subscription.Name, subscription);
    }

    /// <summary>
    /// The subscriptions that take a copy. A message addressed to all meets rules by type only, any other meets replay
    /// rules only, so no subscription is listed twice.
    /// </summary>
    public IReadOnlyList<BrokerQueue> Match(IReadOnlyDictionary<string, object> properties)
    {
        if (!properties.TryGetValue(ReplayForProperty, out var value) || value is not string replayFor)
            return [];
        if (!string.Equals(replayFor, ReplayForAll, StringComparison.Ordinal))
            return _byReplay.TryGetValue(replayFor, out var addressed) ? addressed : [];
        properties.TryGetValue(TypeProperty, out value);
        return value is string type && _byType.TryGetValue(type, out var typed) ? typed : [];
    }

    private static void Rule(Dictionary<string, List<BrokerQueue>> rules, string value, BrokerQueue subscription)
    {
        if (!rules.TryGetValue(value, out var subscriptions))
            rules.Add(value, subscriptions = []);
        subscriptions.Add(subscription);
    }
}

/// <summary>A queue, a subscription, or the dead-letter queue of one.</summary>
internal sealed class BrokerQueue(string name, string path, DuplicateHistory? history, QueueSettings settings)
    : BrokerEntity(name, path, history)
{
    public bool RequiresSession => settings.RequiresSession;
    public TimeSpan LockDuration => settings.LockDuration;
    public int MaxDeliveryCount => settings.MaxDeliveryCount;

    /// <summary>Where its dead letters go; <see langword="null"/> for a dead-letter queue, which keeps everything.</summary>
    public BrokerQueue? DeadLetters { get; init; }

    public MessageIndex Messages { get; } = new();

    /// <summary>Sessions that have messages, state or a lock.</summary>
    public Dictionary<string, BrokerSession> Sessions { get; } = new(StringComparer.Ordinal);

    /// <summary>Sessions that can be accepted, the one that has waited longest first.</summary>
    public LinkedList<BrokerSession> Ready { get; } = new();

    /// <summary>Receivers that wait for any session.</summary>
    public LinkedList<SessionWaiter> Acceptors { get; } = new();

    /// <summary>What can be received where there are no sessions.</summary>
    public AvailableMessages Available { get; } = new();

    /// <summary>Receivers that wait for a message where there are no sessions.</summary>
    public LinkedList<MessageWaiter> Receivers { get; } = new();

    /// <summary>What is locked where there are no sessions.</summary>
    public LockedMessages Locked { get; } = new();

    public int LockedCount { get; set; }

    public int DeferredCount { get; set; }

    public override void Clear()
    {
        base.Clear();
        Messages.Clear();
        Sessions.Clear();
    }

    public BrokerSession Session(string sessionId)
    {
        if (!Sessions.TryGetValue(sessionId, out var session))
            Sessions.Add(sessionId, session = new BrokerSession(sessionId));
        return session;
    }
}

/// <summary>Settings of a <see cref="BrokerQueue"/>.</summary>
internal sealed record QueueSettings(bool RequiresSession, TimeSpan LockDuration, int MaxDeliveryCount);

/// <summary>Messages that can be received, lowest sequence number first; one that comes back finds its place again.</summary>
internal sealed class AvailableMessages
{
    private readonly PriorityQueue<BrokerMessage, long> _heap = new();

    public int Count => _heap.Count;

    public void Add(BrokerMessage message) => _heap.Enqueue(message, message.SequenceNumber);

    public BrokerMessage Take() => _heap.Dequeue();
}

/// <summary>A session: messages that one receiver at a time receives in order.</summary>
internal sealed class BrokerSession(string id)
{
    public string Id => id;

    public AvailableMessages Available { get; } = new();

    /// <summary>All its messages: available, locked and deferred ones.</summary>
    public int Count { get; set; }

    public SessionLock? Lock { get; set; }

    public BinaryData? State { get; set; }

    /// <summary>Its place among the sessions that can be accepted.</summary>
    public LinkedListNode<BrokerSession>? ReadyNode { get; set; }

    public bool IsGone => Count == 0 && Lock is null && State is null;
}

/// <summary>One receiver's lock on a session.</summary>
internal sealed class SessionLock(Broker broker, BrokerQueue queue, BrokerSession session) : BrokerDueItem
{
    public Broker Broker => broker;
    public BrokerQueue Queue => queue;
    public BrokerSession Session => session;
    public string SessionId => session.Id;
    public DateTimeOffset LockedUntil => new(DueTicks, TimeSpan.Zero);

    /// <summary>What it has received and not settled.</summary>
    public LockedMessages Locked { get; } = new();

    /// <summary>Its waiting receive calls.</summary>
    public LinkedList<MessageWaiter> Receivers { get; } = new();

    public bool IsHeld => ReferenceEquals(session.Lock, this);

    public override void Fire(Broker broker, DateTimeOffset now) => broker.ExpireSessionLock(this);
}
