using Pipeline.Local.Journal;

namespace Pipeline.Local.ServiceBus;

/// <summary>
/// Brings the entities of a topology to the state that a journal tells. Only messages, numbers and histories: who may
/// receive what is worked out when the journal has been read to its end.
/// </summary>
internal sealed class JournalReplay(BrokerJournal journal, Broker broker, IReadOnlyDictionary<string, BrokerEntity> byName)
{
    private readonly Dictionary<int, BrokerEntity> _byId = [];

    /// <summary>Entities of the journal that the topology does not have (any more).</summary>
    public IEnumerable<BrokerEntity> Orphans => _byId.Values.Where(entity => !ReferenceEquals(byName.GetValueOrDefault(entity.Name), entity));

    /// <summary>The highest id in use.</summary>
    public int LastId { get; private set; }

    /// <summary>Whether the journal knows the entity.</summary>
    public bool Knows(BrokerEntity entity) => _byId.TryGetValue(entity.Id, out var known) && ReferenceEquals(known, entity);

    public void Apply(ReadOnlySpan<byte> record)
    {
        var reader = new RecordReader(record);
        while (!reader.AtEnd)
            Apply((JournalOperation)reader.Byte(), ref reader);
    }

    /// <summary>Drops an entity with everything in it.</summary>
    public void Forget(BrokerEntity entity)
    {
        foreach (var message in entity is BrokerQueue queue ? queue.Messages.From(0) : [])
            journal.Counted(message.Stored, -1);
        foreach (var scheduled in entity.Scheduled.Values)
            journal.Counted(scheduled.Stored, -1);
        _byId.Remove(entity.Id);
        entity.Clear();
    }

    private void Apply(JournalOperation operation, ref RecordReader reader)
    {
        switch (operation)
        {
            case JournalOperation.Define:
                Define((int)reader.Number(), reader.Byte() == 1, reader.Text()!);
                break;
            case JournalOperation.Forget:
                Forget(Entity(ref reader));
                break;
            case JournalOperation.Enqueue or JournalOperation.EnqueueWithLifetime or JournalOperation.EnqueueWithBodyKind:
                Enqueue(MessageCodec.Read(ref reader, operation != JournalOperation.Enqueue, operation == JournalOperation.EnqueueWithBodyKind), ref reader);
                break;
            case JournalOperation.Schedule or JournalOperation.ScheduleWithLifetime or JournalOperation.ScheduleWithBodyKind:
                var entity = Entity(ref reader);
                var number = reader.Number();
                Schedule(new ScheduledMessage(entity, number, MessageCodec.Read(
                    ref reader, operation != JournalOperation.Schedule, operation == JournalOperation.ScheduleWithBodyKind)));
                break;
            case JournalOperation.Unschedule:
                Unschedule(Entity(ref reader), reader.Number());
                break;
            case JournalOperation.SessionState:
                var queue = (BrokerQueue)Entity(ref reader);
                queue.Session(reader.Text()!).State = reader.Byte() == 0 ? null : BinaryData.FromBytes(reader.Bytes());
                break;
            case JournalOperation.RuntimeEntity:
                broker.Replay((EntityKind)reader.Byte(), reader.Text()!, reader.Text());
                break;
            case JournalOperation.Rules:
                var subscription = (BrokerQueue)Entity(ref reader);
                var (json, topologyJson) = (reader.Text(), reader.Text());
                subscription.RuntimeRules = json is null ? null : new RuntimeRules(json, topologyJson!);
                break;
            case JournalOperation.Accepted:
                var history = Entity(ref reader).History;
                var digest = new MessageDigest(reader.Fixed64(), reader.Fixed64());
                var ticks = reader.Fixed64();
                history?.Add(digest, ticks);
                break;
            case JournalOperation.NextSequenceNumber:
                Entity(ref reader).NextSequenceNumber = reader.Number();
                break;
            default:
                ApplyToMessage(operation, ref reader);
                break;
        }
    }

    private void ApplyToMessage(JournalOperation operation, ref RecordReader reader)
    {
        var queue = (BrokerQueue)Entity(ref reader);
        var number = reader.Number();
        var message = queue.Messages.Find(number)
            ?? throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture,
                $"The Service Bus journal names message {number} of '{queue.Name}', which is not there."));
        switch (operation)
        {
            case JournalOperation.Deliver:
                message.IsDelivered = true;
                break;
            case JournalOperation.Release:
                message.IsDelivered = false;
                break;
            case JournalOperation.Fail:
                message.IsDelivered = false;
                message.FailedDeliveries++;
                ReadOptional(message, ref reader);
                break;
            case JournalOperation.Defer:
                message.IsDelivered = false;
                message.IsDeferred = true;
                ReadOptional(message, ref reader);
                break;
            case JournalOperation.Remove:
                queue.Messages.Remove(message);
                journal.Counted(message.Stored, -1);
                break;
            case JournalOperation.DeadLetter:
                queue.Messages.Remove(message);
                var deadLetters = (BrokerQueue)Entity(ref reader);
                message.IsDelivered = false;
                message.IsDeferred = false;
                message.FailedDeliveries = (int)reader.Number();
                message.Properties = MessageCodec.ReadProperties(ref reader);
                deadLetters.Messages.Add(message);
                break;
            default:
                throw new InvalidDataException($"The Service Bus journal has an unknown operation {operation}; a newer version wrote it.");
        }
    }

    private static void ReadOptional(BrokerMessage message, ref RecordReader reader)
    {
        if (reader.Byte() == 1)
            message.Properties = MessageCodec.ReadProperties(ref reader);
    }

    private BrokerEntity Entity(ref RecordReader reader)
    {
        var id = (int)reader.Number();
        return _byId.TryGetValue(id, out var entity)
            ? entity
            : throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture,
                $"The Service Bus journal names entity {id} before it defines it."));
    }

    private void Define(int id, bool isTopic, string name)
    {
        if (!byName.TryGetValue(name, out var entity) || entity is BrokerTopic != isTopic)
        {
            entity = isTopic
                ? new BrokerTopic(name, null)
                : new BrokerQueue(name, name, null, new QueueSettings(RequiresSession: false, TimeSpan.FromMinutes(1), int.MaxValue));
        }

        entity.Id = id;
        _byId[id] = entity;
        LastId = Math.Max(LastId, id);
    }

    private void Enqueue(StoredMessage stored, ref RecordReader reader)
    {
        var count = reader.Number();
        for (var i = 0; i < count; i++)
        {
            var queue = (BrokerQueue)Entity(ref reader);
            var number = reader.Number();
            var failed = (int)reader.Number();
            var flags = (CopyFlags)reader.Byte();
            var properties = flags.HasFlag(CopyFlags.Properties) ? MessageCodec.ReadProperties(ref reader) : stored.Properties;
            var message = new BrokerMessage(number, stored)
            {
                FailedDeliveries = failed,
                IsDeferred = flags.HasFlag(CopyFlags.Deferred),
                IsDelivered = flags.HasFlag(CopyFlags.Delivered),
                Properties = properties,
                ExpiresTicks = flags.HasFlag(CopyFlags.Expires) ? reader.Number() : BrokerMessage.Never,
                DeadLetterSource = flags.HasFlag(CopyFlags.DeadLetterSource) ? reader.Text() : null,
            };
            queue.Messages.Add(message);
            queue.NextSequenceNumber = Math.Max(queue.NextSequenceNumber, number + 1);
            journal.Counted(stored, 1);
        }
    }

    private void Schedule(ScheduledMessage scheduled)
    {
        scheduled.Entity.Scheduled.Add(scheduled.SequenceNumber, scheduled);
        scheduled.Entity.NextSequenceNumber = Math.Max(scheduled.Entity.NextSequenceNumber, scheduled.SequenceNumber + 1);
        journal.Counted(scheduled.Stored, 1);
    }

    private void Unschedule(BrokerEntity entity, long sequenceNumber)
    {
        if (!entity.Scheduled.Remove(sequenceNumber, out var scheduled))
        {
            throw new InvalidDataException(
                string.Create(CultureInfo.InvariantCulture,
                    $"The Service Bus journal unschedules {sequenceNumber} of '{entity.Name}', which is not scheduled."));
        }

        journal.Counted(scheduled.Stored, -1);
    }
}
