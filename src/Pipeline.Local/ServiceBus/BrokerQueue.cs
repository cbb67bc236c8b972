namespace Pipeline.Local.ServiceBus;

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
