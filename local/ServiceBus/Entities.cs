namespace Pipeline.Local.ServiceBus;

/// <summary>A topic, queue, subscription or dead-letter queue.</summary>
internal abstract class BrokerEntity(string name, string path, DuplicateHistory? history)
{
    /// <summary>Default and longest lifetime of a message; <see cref="TimeSpan.MaxValue"/>: no limit.</summary>
    public TimeSpan TimeToLive { get; set; } = TimeSpan.MaxValue;

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

/// <summary>A queue, a subscription, or the dead-letter queue of one.</summary>
internal sealed class BrokerQueue(string name, string path, DuplicateHistory? history, QueueSettings settings)
    : BrokerEntity(name, path, history)
{
    public QueueSettings Settings { get; set; } = settings;
    public bool RequiresSession => Settings.RequiresSession;
    public TimeSpan LockDuration => Settings.LockDuration;
    public int MaxDeliveryCount => Settings.MaxDeliveryCount;

    /// <summary>Where its dead letters go; <see langword="null"/> for a dead-letter queue, which keeps everything.</summary>
    public BrokerQueue? DeadLetters { get; init; }

    /// <summary>Whether what expires is dead-lettered; else it is dropped.</summary>
    public bool DeadLettersExpired => Settings.DeadLettersExpired;

    /// <summary>Whether a message on which a rule fails is dead-lettered; else the rule does not match it.</summary>
    public bool DeadLettersFilterErrors => Settings.DeadLettersFilterErrors;

    /// <summary>The queue or topic that gets everything that comes here; <see langword="null"/>: it stays here.</summary>
    public BrokerEntity? ForwardTo { get; set; }

    /// <summary>The queue or topic that gets the dead letters; <see langword="null"/>: they go to <see cref="DeadLetters"/>.</summary>
    public BrokerEntity? ForwardDeadLettersTo { get; set; }

    /// <summary>The topic that it is a subscription of.</summary>
    public BrokerTopic? Topic { get; set; }

    /// <summary>Its rules as they were set at run time, and those that they took the place of; <see langword="null"/>: those of the topology.</summary>
    public RuntimeRules? RuntimeRules { get; set; }

    public MessageIndex Messages { get; } = new();

    /// <summary>Sessions that have messages, state or a lock.</summary>
    public Dictionary<string, BrokerSession> Sessions { get; } = new(StringComparer.Ordinal);

    /// <summary>Sessions that can be accepted, the one that has waited longest first.</summary>
    public LinkedList<BrokerSession> Ready { get; } = new();

    /// <summary>Receivers that wait for any session.</summary>
    public LinkedList<SessionWaiter> Acceptors { get; } = new();

    /// <summary>What can be received where there are no sessions.</summary>
    public IndexedHeap<BrokerMessage, BySequenceNumber> Available { get; } = new();

    /// <summary>Receivers that wait for a message where there are no sessions.</summary>
    public LinkedList<MessageWaiter> Receivers { get; } = new();

    /// <summary>What is locked where there are no sessions.</summary>
    public LockedMessages Locked { get; } = new();

    public int LockedCount { get; set; }

    public int DeferredCount { get; set; }

    public override void Clear()
    {
        base.Clear();
        RuntimeRules = null;
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
internal sealed record QueueSettings(
    bool RequiresSession,
    TimeSpan LockDuration,
    int MaxDeliveryCount,
    bool DeadLettersExpired = true,
    bool DeadLettersFilterErrors = true);

/// <summary>A session: messages that one receiver at a time receives in order.</summary>
internal sealed class BrokerSession(string id)
{
    public string Id => id;

    public IndexedHeap<BrokerMessage, BySequenceNumber> Available { get; } = new();

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

    /// <summary>Ends when the lock has ended: released or run out.</summary>
    public TaskCompletionSource Lost { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public override void Fire(Broker broker, DateTimeOffset now) => broker.ExpireSessionLock(this);
}
