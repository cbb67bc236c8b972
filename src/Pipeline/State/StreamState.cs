using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Pipeline.Decisions;
using Pipeline.Storage;

namespace Pipeline.State;

/// <summary>
/// An event-sourced aggregate: its stream is its documents, one per event, with the version as id; appending expects the
/// version that was read. A snapshot goes along every so many events.
/// </summary>
/// <typeparam name="TState">What the events fold into.</typeparam>
/// <typeparam name="TEvent">Base type of the domain events, polymorphic for System.Text.Json.</typeparam>
public sealed class StreamState<TState, TEvent> : StateModel<TState>
    where TState : class
    where TEvent : class
{
    /// <summary>The most events between two snapshots, and so the most that are read with every handling.</summary>
    public const int MaxSnapshotEvery = 50;

    private readonly Func<TState?, TEvent, DateTimeOffset, TState> _fold;
    private readonly JsonTypeInfo<TEvent> _events;
    private readonly JsonTypeInfo<TState> _snapshots;
    private readonly int _snapshotEvery;

    /// <summary>Creates the model.</summary>
    /// <param name="fold">Applies one event, which happened at that time; pure. The state is <see langword="null"/> before the first one.</param>
    /// <param name="events">Metadata of the event's base type, with its derived types.</param>
    /// <param name="snapshots">Metadata of the state.</param>
    /// <param name="snapshotEvery">Events between two snapshots, 1 to <see cref="MaxSnapshotEvery"/>. Default 20.</param>
    public StreamState(Func<TState?, TEvent, DateTimeOffset, TState> fold, JsonTypeInfo<TEvent> events, JsonTypeInfo<TState> snapshots, int snapshotEvery = 20)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(snapshotEvery, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(snapshotEvery, MaxSnapshotEvery);
        _fold = fold;
        _events = events;
        _snapshots = snapshots;
        _snapshotEvery = snapshotEvery;
    }

    internal override IEnumerable<string> RecordsOf(PartitionHead head)
    {
        if (head.SnapshotVersion > 0)
            yield return Ids.Snapshot;

        // Where there is no head there must be no event either: otherwise the head is lost.
        if (head.ETag is null)
            yield return Ids.Event(1);
        for (var version = head.SnapshotVersion + 1; version <= head.Version; version++)
            yield return Ids.Event(version);
    }

    internal override TState? Restore(PartitionRead read)
    {
        var head = read.Head;
        var state = head.SnapshotVersion == 0
            ? null
            : Records.DataOf(read, read.Find(Ids.Snapshot) ?? throw Missing(read, Ids.Snapshot), Ids.Snapshot, _snapshots);
        for (var version = head.SnapshotVersion + 1; version <= head.Version; version++)
        {
            var id = Ids.Event(version);
            var record = read.Find(id) ?? throw Missing(read, id);
            state = _fold(state, Records.DataOf(read, record, id, _events), Records.TimeOf(read, record, id));
        }

        return state;
    }

    internal override TState? After(TState? before, Decision<TState> decision, DateTimeOffset now)
    {
        var state = before;
        foreach (var domainEvent in decision.Events.OfType<TEvent>())
            state = _fold(state, domainEvent, now);
        return state;
    }

    internal override JsonNode? Show(TState? state) => state is null ? null : JsonSerializer.SerializeToNode(state, _snapshots);

    internal override TState? Write(UnitOfWork work, TState? before, Decision<TState> decision, HandlerContext context)
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
            state = _fold(state, domainEvent, context.Now);
        }

        if (state is not null && work.Head.Version - work.Head.SnapshotVersion >= _snapshotEvery)
        {
            work.Head.SnapshotVersion = work.Head.Version;
            var snapshot = state;
            work.Upsert(
                Ids.Snapshot, Records.Write(Ids.Snapshot, work.Partition, RecordKinds.Snapshot, writer => JsonSerializer.Serialize(writer, snapshot, _snapshots)));
        }

        return state;
    }

    /// <summary>Head and events are written together, and the head was read first: with the session's token what it names is visible.</summary>
    private static DamagedPartitionException Missing(PartitionRead read, string id) =>
        new(read.Container, read.Head.Partition, string.Create(null, $"'{id}' is missing, though its head is at version {read.Head.Version}"), canBeRecorded: true);

    private byte[] WriteEvent(string id, string partition, long version, TEvent domainEvent, HandlerContext context) =>
        Records.Write(
            id,
            partition,
            RecordKinds.Event,
            writer => JsonSerializer.Serialize(writer, domainEvent, _events),
            writer =>
            {
                writer.WriteNumber("version"u8, version);
                writer.WriteString("time"u8, context.Now);
                writer.WriteString("causationId"u8, context.MessageId);
                writer.WriteString("correlationId"u8, context.CorrelationId);
            });
}
