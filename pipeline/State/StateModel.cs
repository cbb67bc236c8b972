using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Pipeline.Messages;
using Pipeline.Partitions;

namespace Pipeline.State;

/// <summary>How an aggregate's state is stored in its partition: as one document, or as a stream of events.</summary>
public abstract class StateModel<TState>
    where TState : class
{
    private protected StateModel()
    {
    }

    /// <summary>Ids of the records that hold the state, as the head tells.</summary>
    internal abstract IEnumerable<string> RecordsOf(Head head);

    /// <summary>The state as read; <see langword="null"/> where there is none yet.</summary>
    internal abstract TState? Restore(PartitionRead read);

    /// <summary>The state after a decision that is made now; nothing is written.</summary>
    internal abstract TState? After(TState? before, Decision<TState> decision, DateTimeOffset now);

    /// <summary>The state as those see it who show it; it need not be how it is stored.</summary>
    internal abstract JsonNode? Show(TState? state);

    /// <summary>Adds what the decision changes to the commit, and returns the state after it.</summary>
    internal abstract TState? Write(Commit commit, Head head, TState? before, Decision<TState> decision, MessageContext context);
}

/// <summary>An aggregate stored as one document, replaced as a whole.</summary>
public sealed class DocumentState<TState> : StateModel<TState>
    where TState : class
{
    private readonly JsonTypeInfo<TState> _json;

    /// <summary>Creates the model.</summary>
    public DocumentState(JsonTypeInfo<TState> json) => _json = json;

    internal override IEnumerable<string> RecordsOf(Head head) => [Ids.State];

    internal override TState? Restore(PartitionRead read)
    {
        if (read.Find(Ids.State) is not { } record)
        {
            return !read.Head.HasState ? null : throw new DamagedPartitionException(
                read.Container, read.Head.Partition, $"'{Ids.State}' is missing, though its head says that there is one", canBeRecorded: true);
        }

        return Records.DataOf(read, record, Ids.State, _json);
    }

    internal override TState? After(TState? before, Decision<TState> decision, DateTimeOffset now) => decision.State ?? before;

    internal override JsonNode? Show(TState? state) => state is null ? null : JsonSerializer.SerializeToNode(state, _json);

    internal override TState? Write(Commit commit, Head head, TState? before, Decision<TState> decision, MessageContext context)
    {
        if (decision.Events.Count > 0)
            throw new InvalidOperationException($"'{typeof(TState)}' is stored as a document; save a state instead of appending events.");
        if (decision.State is { } state)
        {
            head.HasState = true;
            commit.Upsert(Ids.State, Records.Write(Ids.State, commit.Partition, RecordKinds.State, writer => JsonSerializer.Serialize(writer, state, _json)));
        }

        return decision.State ?? before;
    }
}

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

    internal override IEnumerable<string> RecordsOf(Head head)
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

    internal override TState? Write(Commit commit, Head head, TState? before, Decision<TState> decision, MessageContext context)
    {
        if (decision.State is not null)
            throw new InvalidOperationException($"'{typeof(TState)}' is event-sourced; append events instead of saving a state.");
        var state = before;
        foreach (var item in decision.Events)
        {
            if (item is not TEvent domainEvent)
                throw new InvalidOperationException($"'{item.GetType()}' is no '{typeof(TEvent)}'.");
            var version = ++head.Version;
            var id = Ids.Event(version);
            commit.Create(id, WriteEvent(id, commit.Partition, version, domainEvent, context), CommitOutcome.Moved);
            state = _fold(state, domainEvent, context.Now);
        }

        if (state is not null && head.Version - head.SnapshotVersion >= _snapshotEvery)
        {
            head.SnapshotVersion = head.Version;
            var snapshot = state;
            commit.Upsert(
                Ids.Snapshot, Records.Write(Ids.Snapshot, commit.Partition, RecordKinds.Snapshot, writer => JsonSerializer.Serialize(writer, snapshot, _snapshots)));
        }

        return state;
    }

    /// <summary>Head and events are written together, and the head was read first: with the session's token what it names is visible.</summary>
    private static DamagedPartitionException Missing(PartitionRead read, string id) =>
        new(read.Container, read.Head.Partition, string.Create(null, $"'{id}' is missing, though its head is at version {read.Head.Version}"), canBeRecorded: true);

    private byte[] WriteEvent(string id, string partition, long version, TEvent domainEvent, MessageContext context) =>
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

/// <summary>The event of a stream as stored, for those who show history.</summary>
internal sealed record StoredEvent
{
    [JsonPropertyName("version")]
    public required long Version { get; init; }

    [JsonPropertyName("time")]
    public required DateTimeOffset Time { get; init; }

    [JsonPropertyName("causationId")]
    public required string CausationId { get; init; }

    [JsonPropertyName("correlationId")]
    public required string CorrelationId { get; init; }

    [JsonPropertyName("data")]
    public required JsonElement Data { get; init; }
}

/// <summary>Writes the records whose payload is the application's.</summary>
internal static class Records
{
    /// <summary>The payload of a record.</summary>
    /// <exception cref="DamagedPartitionException">It cannot be read.</exception>
    public static T DataOf<T>(PartitionRead read, JsonElement record, string id, JsonTypeInfo<T> json)
        where T : class
    {
        try
        {
            return record.GetProperty("data"u8).Deserialize(json) ?? throw new JsonException("its data is null");
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or NotSupportedException or InvalidOperationException)
        {
            throw read.Unreadable(id, e, canBeRecorded: true);
        }
    }

    /// <summary>When the event of a record was committed.</summary>
    /// <exception cref="DamagedPartitionException">It does not say.</exception>
    public static DateTimeOffset TimeOf(PartitionRead read, JsonElement record, string id)
    {
        try
        {
            return record.GetProperty("time"u8).GetDateTimeOffset();
        }
        catch (Exception e) when (e is KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw read.Unreadable(id, e, canBeRecorded: true);
        }
    }

    public static byte[] Write(string id, string partition, string kind, Action<Utf8JsonWriter> data, Action<Utf8JsonWriter>? more = null)
    {
        var buffer = new System.Buffers.ArrayBufferWriter<byte>(512);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("id"u8, id);
            writer.WriteString("pk"u8, partition);
            writer.WriteString("kind"u8, kind);
            more?.Invoke(writer);
            writer.WritePropertyName("data"u8);
            data(writer);
            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }
}
