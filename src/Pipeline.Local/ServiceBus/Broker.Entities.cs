using Microsoft.Extensions.Logging;

namespace Pipeline.Local.ServiceBus;

/// <content>
/// Queues, topics and subscriptions that are made, changed and deleted at run time. They are kept in the journal, beside those of
/// topology.json, which are changed there only.
/// </content>
internal sealed partial class Broker
{
    private readonly BrokerTopology _file;
    private readonly Dictionary<string, RuntimeEntity> _runtime = new(StringComparer.OrdinalIgnoreCase);
    private BrokerTopology _topology;
    private int _lastEntityId;

    /// <summary>All entities of now.</summary>
    public BrokerTopology Topology
    {
        get
        {
            using var held = Enter(out _);
            return _topology;
        }
    }

    /// <summary>Makes a queue, or changes one that was made so.</summary>
    /// <exception cref="BrokerException">There is an entity of that name already, or none to change.</exception>
    /// <exception cref="ArgumentException">It cannot be; the message says why.</exception>
    /// <exception cref="InvalidOperationException">It is one of topology.json.</exception>
    public void PutQueue(QueueDefinition definition, bool isUpdate) => Put(new RuntimeEntity(EntityKind.Queue, definition.Name, definition), isUpdate);

    /// <summary>Makes a topic, or changes one that was made so; see <see cref="PutQueue"/>.</summary>
    public void PutTopic(TopicDefinition definition, bool isUpdate) =>
        Put(new RuntimeEntity(EntityKind.Topic, definition.Name, definition with { Subscriptions = [] }), isUpdate);

    /// <summary>Makes a subscription, or changes one that was made so, all but its rules; see <see cref="PutQueue"/>.</summary>
    public void PutSubscription(string topic, SubscriptionDefinition definition, bool isUpdate) =>
        Put(new RuntimeEntity(EntityKind.Subscription, $"{topic}/{definition.Name}", definition), isUpdate);

    /// <summary>Deletes an entity that was made at run time, with all that it holds.</summary>
    /// <exception cref="BrokerException">There is no such entity.</exception>
    /// <exception cref="InvalidOperationException">It is one of topology.json.</exception>
    public void DeleteEntity(string path)
    {
        using var held = Enter(out _);
        var entity = Entity(path);
        if (!_runtime.TryGetValue(entity.Name, out var runtime))
            throw OfTheFile(entity.Name);

        // A topic goes with its subscriptions.
        var gone = _runtime.Values.Where(e => e == runtime || e.Name.StartsWith(runtime.Name + "/", StringComparison.OrdinalIgnoreCase)).ToList();
        var rest = gone.Aggregate(_topology, (topology, e) => e.RemoveFrom(topology));
        CheckArgument(rest);
        _journal.Begin();
        foreach (var removed in gone)
        {
            foreach (var part in PartsOf(removed))
                _journal.Forget(part);
            _journal.RuntimeEntity(removed.Kind, removed.Name, null);
        }

        WriteRecord(entity);
        foreach (var removed in gone)
            TakeAway(removed);
        _topology = rest;
    }

    /// <summary>What the journal says of an entity that was made at run time, while it is read.</summary>
    internal void Replay(EntityKind kind, string name, string? json)
    {
        if (json is null)
        {
            if (!_runtime.TryGetValue(name, out var gone))
                return;
            TakeAway(gone);
            _topology = gone.RemoveFrom(_topology);
            return;
        }

        var entity = RuntimeEntity.Read(kind, name, json);
        if (entity.IsIn(_file))
            _log.LogWarning("'{Entity}' was made at run time and is in topology.json by now: that counts.", name);
        else if (kind == EntityKind.Subscription && !_byPath.ContainsKey(entity.Topic))
            _log.LogWarning("'{Entity}' was made at run time for a topic that is no longer in topology.json: it is gone.", name);
        else
            Apply(entity);
    }

    private void Put(RuntimeEntity entity, bool isUpdate)
    {
        using var held = Enter(out _);
        var old = _byPath.GetValueOrDefault(entity.Name);
        if (old is null && isUpdate)
            Entity(entity.Name);
        if (old is not null && !isUpdate)
            throw new BrokerException($"There is a '{entity.Name}' already.", BrokerFailure.MessagingEntityAlreadyExists, entity.Name);
        if (entity.Kind == EntityKind.Subscription && Entity(entity.Topic) is not BrokerTopic)
            throw new ArgumentException($"'{entity.Topic}' is no topic.");
        RuntimeEntity? before = null;
        if (old is not null && !_runtime.TryGetValue(entity.Name, out before))
            throw OfTheFile(entity.Name);
        if (before is not null)
            entity = Changed(before, entity);
        var topology = _topology;
        CheckArgument(entity.AddTo(topology));
        Apply(entity);
        try
        {
            _journal.Begin();
            _journal.RuntimeEntity(entity.Kind, entity.Name, entity.Json);
            foreach (var part in PartsOf(entity).Where(part => part.Id == 0))
            {
                part.Id = ++_lastEntityId;
                _journal.Define(part);
            }

            WriteRecord(_byPath[entity.Name]);
        }
        catch
        {
            if (before is null)
                TakeAway(entity);
            else
                Apply(before);
            _topology = topology;
            throw;
        }
    }

    /// <summary>An entity as it is changed: some settings are for ever, and rules are changed one by one.</summary>
    private static RuntimeEntity Changed(RuntimeEntity before, RuntimeEntity after)
    {
        if (before.Kind != after.Kind)
            throw new ArgumentException($"'{before.Name}' is a {before.Kind}, no {after.Kind}.");
        if (before.Definition is ReceivableDefinition was && after.Definition is ReceivableDefinition is_ && was.RequiresSession != is_.RequiresSession)
            throw new ArgumentException($"'{before.Name}': whether sessions are required cannot be changed.");
        if (WindowOf(before.Definition) != WindowOf(after.Definition))
            throw new ArgumentException($"'{before.Name}': duplicate detection cannot be changed.");
        return before.Definition is SubscriptionDefinition old
            ? after with { Definition = (SubscriptionDefinition)after.Definition with { Types = old.Types, Rules = old.Rules } }
            : after;
    }

    private static TimeSpan? WindowOf(object definition) => definition switch
    {
        QueueDefinition queue => queue.DuplicateDetectionWindow,
        TopicDefinition topic => topic.DuplicateDetectionWindow,
        _ => null,
    };

    private static void CheckArgument(BrokerTopology topology)
    {
        try
        {
            topology.Check();
        }
        catch (InvalidDataException error)
        {
            throw new ArgumentException(error.Message, error);
        }
    }

    private static InvalidOperationException OfTheFile(string name) =>
        new($"'{name}' is an entity of topology.json: change it there, and start again. At run time only its rules can be changed.");

    /// <summary>Makes an entity, or gives it its settings.</summary>
    private void Apply(RuntimeEntity entity)
    {
        _topology = entity.AddTo(_topology);
        _runtime[entity.Name] = entity;
        switch (entity.Definition)
        {
            case QueueDefinition queue:
                MakeQueue(queue, _topology);
                break;
            case TopicDefinition topic:
                MakeTopic(topic, _topology);
                break;
            case SubscriptionDefinition subscription:
                MakeSubscription((BrokerTopic)_byPath[entity.Topic], subscription, _topology);
                break;
        }

        if (entity.Definition is ReceivableDefinition receivable)
            Connect(entity.Name, receivable);
    }

    /// <summary>The entity, and its dead-letter queue.</summary>
    private List<BrokerEntity> PartsOf(RuntimeEntity runtime) =>
        _byPath[runtime.Name] is var entity && entity is BrokerQueue { DeadLetters: { } deadLetters } ? [entity, deadLetters] : [entity];

    private void TakeAway(RuntimeEntity runtime)
    {
        foreach (var part in PartsOf(runtime))
        {
            foreach (var scheduled in part.Scheduled.Values.ToList())
                Unschedule(scheduled);
            if (part is BrokerQueue queue)
                Empty(queue);
            part.Clear();
            _entities.Remove(part);
            _byPath.Remove(part.Name);
            _byPath.Remove(part.Path);
            if (part is BrokerQueue { Topic: { } topic } subscription)
                topic.Unsubscribe(subscription);
        }

        _runtime.Remove(runtime.Name);
    }

    private void Empty(BrokerQueue queue)
    {
        var gone = new BrokerException($"The messaging entity '{queue.Path}' could not be found: it was deleted.", BrokerFailure.MessagingEntityNotFound, queue.Path);
        foreach (var message in queue.Messages.From(0))
        {
            if (message.Lock is not null)
                _due.Remove(message.Lock);
            if (message.Expiry is not null)
                _due.Remove(message.Expiry);
            _journal.Counted(message.Stored, -1);
        }

        foreach (var session in queue.Sessions.Values.Select(s => s.Lock).OfType<SessionLock>())
        {
            _due.Remove(session);
            session.Session.Lock = null;
            session.Lost.TrySetResult();
            End(session.Receivers, gone);
        }

        End(queue.Receivers, gone);
        End(queue.Acceptors, gone);
    }

    private void End<T>(LinkedList<T> waiters, BrokerException error)
        where T : BrokerDueItem
    {
        while (waiters.First?.Value is { } waiter)
        {
            waiters.RemoveFirst();
            _due.Remove(waiter);
            (waiter as MessageWaiter)?.Fail(error);
            (waiter as SessionWaiter)?.Fail(error);
        }
    }
}
