using System.Text.Json;
using System.Text.Json.Nodes;
using Pipeline.Decisions;
using Pipeline.Storage;

namespace Pipeline.State;

/// <summary>A state that is stored as a stream of events, with a snapshot every so many.</summary>
internal sealed class StoredStream<TState, TEvent>(StreamState<TState, TEvent> model) : StoredState<TState>
    where TState : class
    where TEvent : class
{
    public override IEnumerable<string> RecordsOf(PartitionHead head)
    {
        if (head.SnapshotVersion > 0)
            yield return Ids.Snapshot;

        // Where there is no head there must be no event either: otherwise the head is lost.
        if (head.ETag is null)
            yield return Ids.Event(1);
        for (var version = head.SnapshotVersion + 1; version <= head.Version; version++)
            yield return Ids.Event(version);
    }

    public override TState? Restore(PartitionRead read)
    {
        var head = read.Head;
        var state = head.SnapshotVersion == 0
            ? null
            : Records.DataOf(read, read.Find(Ids.Snapshot) ?? throw Missing(read, Ids.Snapshot), Ids.Snapshot, model.Snapshots);
        for (var version = head.SnapshotVersion + 1; version <= head.Version; version++)
        {
            var id = Ids.Event(version);
            var record = read.Find(id) ?? throw Missing(read, id);
            state = model.Fold(state, Records.DataOf(read, record, id, model.Events), Records.TimeOf(read, record, id));
        }

        return state;
    }

    public override TState? After(TState? before, Decision<TState> decision, DateTimeOffset now)
    {
        var state = before;
        foreach (var domainEvent in decision.Events.OfType<TEvent>())
            state = model.Fold(state, domainEvent, now);
        return state;
    }

    public override JsonNode? Show(TState? state) => state is null ? null : JsonSerializer.SerializeToNode(state, model.Snapshots);

    public override TState? Write(UnitOfWork work, TState? before, Decision<TState> decision, HandlerContext context)
    {
        if (decision.State is not null)
            throw new InvalidOperationException($"'{typeof(TState)}' is event-sourced; append events instead of saving a state.");
        var state = before;
        foreach (var item in decision.Events)
        {
            if (item is not TEvent domainEvent)
                throw new InvalidOperationException($"'{item.GetType()}' is no '{typeof(TEvent)}'.");
            var version = ++work.Head.Version;
            var id = Ids.Event(version);
            work.Create(id, WriteEvent(id, work.Partition, version, domainEvent, context));
            state = model.Fold(state, domainEvent, context.Now);
        }

        if (state is not null && work.Head.Version - work.Head.SnapshotVersion >= model.SnapshotEvery)
        {
            work.Head.SnapshotVersion = work.Head.Version;
            var snapshot = state;
            work.Upsert(
                Ids.Snapshot, Records.Write(Ids.Snapshot, work.Partition, RecordKinds.Snapshot, writer => JsonSerializer.Serialize(writer, snapshot, model.Snapshots)));
        }

        return state;
    }

    /// <summary>Head and events are written together, and the head was read first: with the session's token what it names is visible.</summary>
    private static DamagedPartitionException Missing(PartitionRead read, string id) =>
        new(read.Container, read.Head.Partition, string.Create(null, $"'{id}' is missing, though its head is at version {read.Head.Version}"), canBeRecorded: true);

    private byte[] WriteEvent(string id, Partition partition, long version, TEvent domainEvent, HandlerContext context) =>
        Records.Write(
            id,
            partition,
            RecordKinds.Event,
            writer => JsonSerializer.Serialize(writer, domainEvent, model.Events),
            writer =>
            {
                writer.WriteNumber("version"u8, version);
                writer.WriteString("time"u8, context.Now);
                writer.WriteString("causationId"u8, context.MessageId);
                writer.WriteString("correlationId"u8, context.CorrelationId);
            });
}
