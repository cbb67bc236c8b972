namespace Pipeline.Local.ServiceBus;

/// <content>What tests and the local host see of a namespace, and the faults that tests inject.</content>
internal sealed partial class Broker
{
    private readonly List<EmptyWaiter> _emptyWaiters = [];

    /// <summary>
    /// Called for every send before it is accepted, with the entity's name; decides whether it fails, and when.
    /// Never set outside tests.
    /// </summary>
    public Func<string, IReadOnlyList<MessageToSend>, ValueTask<SendFault>>? OnSend { get; set; }

    /// <summary>Called for messages that were accepted, with the entity's name; not for those within a transaction. Never set outside tests.</summary>
    public Action<string, IReadOnlyList<MessageToSend>>? OnAccepted { get; set; }

    /// <summary>Faults that happen to a share of all calls; <see langword="null"/>: none.</summary>
    public ServiceBusFaults? Faults { get; set; }

    /// <summary>Names of all entities: queues, topics, "topic/subscription", each with its "/$DeadLetterQueue".</summary>
    public IReadOnlyList<string> EntityNames => [.. _entities.Select(entity => entity.Name)];

    /// <summary>Sessions that take memory: those with messages, a lock or a state.</summary>
    public int SessionsInMemory
    {
        get
        {
            using var held = Enter(out _);
            return _entities.OfType<BrokerQueue>().Sum(queue => queue.Sessions.Count);
        }
    }

    /// <summary>Bytes of the journal that a compaction would keep, about.</summary>
    public long JournalLiveBytes
    {
        get
        {
            using var held = Enter(out _);
            return _journal.LiveBytes;
        }
    }

    /// <summary>What takes memory besides sessions: messages, things that are due, remembered ids.</summary>
    public (int Messages, int Due, int Ids) ItemsInMemory
    {
        get
        {
            using var held = Enter(out _);
            return (_entities.OfType<BrokerQueue>().Sum(queue => queue.Messages.Count), _due.Count, _entities.Sum(entity => entity.History?.Count ?? 0));
        }
    }

    /// <summary>Lets a session's lock expire now, as if its receiver had not renewed it. Nothing happens if it is not locked.</summary>
    public void ExpireSessionLock(string entity, string sessionId)
    {
        using var held = Enter(out _);
        if (Queue(entity).Sessions.GetValueOrDefault(sessionId)?.Lock is not { } session)
            return;
        _due.Remove(session);
        ExpireSessionLock(session);
    }

    /// <summary>Has a session's lock, or a message's where there are no sessions, expire now. Nothing happens if it is not held.</summary>
    public void LoseLock(string path, SessionLock? session, Guid lockToken)
    {
        using var held = Enter(out _);
        if (session is not null)
        {
            if (!session.IsHeld || session.Broker != this)
                return;
            _due.Remove(session);
            ExpireSessionLock(session);
        }
        else if (Queue(path) is var queue && Locked(queue, null, lockToken) is { Lock: { } message } locked)
        {
            _due.Remove(message);
            ExpireMessageLock(queue, locked);
        }
    }

    /// <summary>Lets the next change fail as on a full disk, after some bytes of it were written. Needs a directory.</summary>
    public void FailNextAppend(int afterBytes)
    {
        using var held = Enter(out _);
        _journal.FailNextAppend(afterBytes);
    }

    /// <summary>What an entity holds.</summary>
    public EntityCounts Counts(string entity)
    {
        using var held = Enter(out _);
        return CountsOf(Entity(entity));
    }

    /// <summary>What all entities hold, by name.</summary>
    public IReadOnlyDictionary<string, EntityCounts> Counts()
    {
        using var held = Enter(out _);
        return _entities.ToDictionary(entity => entity.Name, CountsOf, StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>
    /// Completes when queues hold no message, locked and deferred ones included; scheduled ones are not waited for.
    /// </summary>
    /// <param name="entities">Their names; none: all queues, subscriptions and dead-letter queues.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task WaitUntilEmptyAsync(IReadOnlyCollection<string> entities, CancellationToken cancellationToken)
    {
        return EmptyWaiterFor(entities) is { } waiter ? waiter.Empty.Task.WaitAsync(cancellationToken) : Task.CompletedTask;
    }

    private static EntityCounts CountsOf(BrokerEntity entity) =>
        entity is BrokerQueue queue
            ? new EntityCounts(
                Active: queue.Messages.Count - queue.DeferredCount,
                Locked: queue.LockedCount,
                Deferred: queue.DeferredCount,
                Scheduled: queue.Scheduled.Count,
                DeadLettered: queue.DeadLetters?.Messages.Count ?? 0)
            : new EntityCounts(0, 0, 0, entity.Scheduled.Count, 0);

    private EmptyWaiter? EmptyWaiterFor(IReadOnlyCollection<string> entities)
    {
        using var held = Enter(out _);
        var queues = entities.Count == 0 ? [.. _entities.OfType<BrokerQueue>()] : entities.Select(Queue).ToArray();
        if (queues.All(queue => queue.Messages.Count == 0))
            return null;
        var waiter = new EmptyWaiter(queues);
        _emptyWaiters.Add(waiter);
        return waiter;
    }

    /// <summary>A message has left a queue for good.</summary>
    private void Emptied(BrokerQueue queue, BrokerSession? session)
    {
        if (_lateDuplicates.Count > 0 && (session?.Count ?? queue.Messages.Count) == 0)
            EnqueueLateDuplicates(queue, session);
        if (_emptyWaiters.Count == 0 || queue.Messages.Count > 0)
            return;
        foreach (var waiter in _emptyWaiters.Where(waiter => waiter.Queues.All(q => q.Messages.Count == 0)))
            waiter.Empty.TrySetResult();
        _emptyWaiters.RemoveAll(waiter => waiter.Empty.Task.IsCompleted);
    }

    private sealed class EmptyWaiter(BrokerQueue[] queues)
    {
        public BrokerQueue[] Queues => queues;
        public TaskCompletionSource Empty { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
