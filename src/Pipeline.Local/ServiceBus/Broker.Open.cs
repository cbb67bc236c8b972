using Microsoft.Extensions.Logging;

namespace Pipeline.Local.ServiceBus;

/// <content>Makes the entities, and brings them to where the journal ends.</content>
internal sealed partial class Broker
{
    private void Create(BrokerTopology topology)
    {
        foreach (var queue in topology.Queues)
            MakeQueue(queue, topology);
        foreach (var definition in topology.Topics)
        {
            var topic = MakeTopic(definition, topology);
            foreach (var subscription in definition.Subscriptions)
                MakeSubscription(topic, subscription, topology);
        }

        foreach (var queue in topology.Queues)
            Connect(queue.Name, queue);
        foreach (var topic in topology.Topics)
        {
            foreach (var subscription in topic.Subscriptions)
                Connect($"{topic.Name}/{subscription.Name}", subscription);
        }
    }

    private void MakeQueue(QueueDefinition queue, BrokerTopology topology) =>
        MakeQueue(queue.Name, queue.Name, History(queue.DuplicateDetectionWindow ?? topology.DuplicateDetectionWindow), queue, topology);

    private BrokerTopic MakeTopic(TopicDefinition definition, BrokerTopology topology)
    {
        var topic = _byPath.GetValueOrDefault(definition.Name) as BrokerTopic;
        if (topic is null)
            Add(topic = new BrokerTopic(definition.Name, History(definition.DuplicateDetectionWindow ?? topology.DuplicateDetectionWindow)));
        topic.TimeToLive = definition.DefaultMessageTimeToLive ?? TimeSpan.MaxValue;
        return topic;
    }

    private void MakeSubscription(BrokerTopic topic, SubscriptionDefinition subscription, BrokerTopology topology)
    {
        var isNew = !_byPath.ContainsKey($"{topic.Name}/{subscription.Name}");
        var queue = MakeQueue(
            $"{topic.Name}/{subscription.Name}", $"{topic.Name}/Subscriptions/{subscription.Name}", history: null, subscription, topology);
        queue.Topic = topic;
        if (isNew)
            topic.Subscribe(queue, subscription);
    }

    private void Connect(string name, ReceivableDefinition definition)
    {
        var queue = (BrokerQueue)_byPath[name];
        queue.ForwardTo = definition.ForwardTo is { } target ? _byPath[target] : null;
        queue.ForwardDeadLettersTo = definition.ForwardDeadLetteredMessagesTo is { } deadLetters ? _byPath[deadLetters] : null;
    }

    private static DuplicateHistory? History(TimeSpan? window) => window is { Ticks: > 0 } span ? new DuplicateHistory(span) : null;

    /// <summary>Makes a queue, or gives it its settings.</summary>
    private BrokerQueue MakeQueue(string name, string path, DuplicateHistory? history, ReceivableDefinition definition, BrokerTopology topology)
    {
        var settings = new QueueSettings(
            definition.RequiresSession,
            definition.LockDuration ?? topology.LockDuration,
            definition.MaxDeliveryCount ?? topology.MaxDeliveryCount,
            definition.DeadLetteringOnMessageExpiration,
            definition is not SubscriptionDefinition { DeadLetteringOnFilterEvaluationExceptions: false });
        var ofDeadLetters = settings with { RequiresSession = false };
        if (_byPath.GetValueOrDefault(name) is not BrokerQueue queue)
        {
            var deadLetters = new BrokerQueue(name + DeadLetterSuffix, path + DeadLetterSuffix, history: null, ofDeadLetters);
            queue = new BrokerQueue(name, path, history, settings) { DeadLetters = deadLetters };
            Add(queue);
            Add(deadLetters);
        }

        queue.Settings = settings;
        queue.DeadLetters!.Settings = ofDeadLetters;
        queue.TimeToLive = definition.DefaultMessageTimeToLive ?? TimeSpan.MaxValue;
        return queue;
    }

    private void Add(BrokerEntity entity)
    {
        _entities.Add(entity);
        _byPath.Add(entity.Name, entity);
        _byPath.TryAdd(entity.Path, entity);
    }

    private void Restore(string? path)
    {
        var replay = new JournalReplay(_journal, this, _byPath);
        _journal.Open(path, replay);
        Begin();
        foreach (var orphan in replay.Orphans.ToList())
        {
            var lost = orphan.Scheduled.Count + ((orphan as BrokerQueue)?.Messages.Count ?? 0);
            if (lost > 0)
                _log.LogWarning("'{Entity}' is no longer in topology.json; its {Count} messages are deleted with it.", orphan.Name, lost);
            _journal.Forget(orphan);
            replay.Forget(orphan);
        }

        RestoreRules();
        var nextId = replay.LastId + 1;
        foreach (var entity in _entities.Where(e => !replay.Knows(e)))
        {
            entity.Id = nextId++;
            _journal.Define(entity);
        }

        _lastEntityId = nextId - 1;

        // They were out for delivery when the process was killed; a clean end would have released them.
        var interrupted = _entities.OfType<BrokerQueue>()
            .SelectMany(queue => queue.Messages.From(0).Where(m => m.IsDelivered).Select(m => new Copy(queue, m)))
            .ToList();
        foreach (var (queue, message) in interrupted)
            JournalFailure(queue, message);
        var forwarded = Commit(entity: null);

        if (interrupted.Count > 0)
        {
            _log.LogWarning(
                "{Count} messages were out for delivery when the last run was killed; that counts as a failed delivery.",
                interrupted.Count);
        }

        foreach (var (queue, message) in interrupted)
        {
            message.IsDelivered = false;
            message.FailedDeliveries++;
            if (Exhausted(queue, message.FailedDeliveries))
                MoveToDeadLetters(queue, message, message.FailedDeliveries, ExhaustedProperties(queue, message));
        }

        foreach (var (queue, message) in forwarded)
        {
            queue.Messages.Add(message);
            _journal.Counted(message.Stored, 1);
        }

        MakeAvailable();
        ExpireReturned();
    }

    private void MakeAvailable()
    {
        foreach (var entity in _entities)
        {
            foreach (var scheduled in entity.Scheduled.Values)
                _due.Set(scheduled, scheduled.Stored.ScheduledEnqueueTime.UtcTicks);
            if (entity is not BrokerQueue queue)
                continue;
            foreach (var message in queue.Messages.From(0))
            {
                if (queue.RequiresSession && message.Stored.SessionId is null)
                {
                    throw new InvalidDataException(
                        $"'{queue.Name}' requires sessions now, but holds messages without a session id. Azure does not allow that " +
                        "change either: set \"requiresSession\" back, or delete the data directory to start empty.");
                }

                EnterSession(queue, message);
                MakeAvailable(queue, message);
            }

            foreach (var session in queue.Sessions.Values.ToList())
                Dispatch(queue, session);
        }
    }
}
