using System.Text.Json;
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

    /// <summary>Ids to read with every handling, besides head, inbox record and ledger entry.</summary>
    internal abstract string RecordId { get; }

    /// <summary>Range of ids to read with every handling.</summary>
    internal virtual (string From, string To)? Range => null;

    /// <summary>The state as read; <see langword="null"/> where there is none yet.</summary>
    internal abstract ValueTask<TState?> RestoreAsync(PartitionRead read, Head head, PartitionStore store, CancellationToken cancellationToken);

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

    internal override string RecordId => Ids.State;

    internal override ValueTask<TState?> RestoreAsync(PartitionRead read, Head head, PartitionStore store, CancellationToken cancellationToken) =>
        new(read.Find(Ids.State)?.GetProperty("data"u8).Deserialize(_json));

    internal override TState? Write(Commit commit, Head head, TState? before, Decision<TState> decision, MessageContext context)
    {
        if (decision.Events.Count > 0)
            throw new InvalidOperationException($"'{typeof(TState)}' is stored as a document; save a state instead of appending events.");
        if (decision.State is { } state)
            commit.Upsert(Ids.State, Records.Write(Ids.State, commit.Partition, RecordKinds.State, writer => JsonSerializer.Serialize(writer, state, _json)));
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
    /// <summary>The longest stretch of events that is read without a snapshot, and so the most between two of them.</summary>
    public const int MaxSnapshotEvery = 50;

    private readonly Func<TState?, TEvent, TState> _fold;
    private readonly JsonTypeInfo<TEvent> _events;
    private readonly JsonTypeInfo<TState> _snapshots;
    private readonly int _snapshotEvery;

    /// <summary>Creates the model.</summary>
    /// <param name="fold">Applies one event; pure. The state is <see langword="null"/> before the first one.</param>
    /// <param name="events">Metadata of the event's base type, with its derived types.</param>
    /// <param name="snapshots">Metadata of the state.</param>
    /// <param name="snapshotEvery">Events between two snapshots, 1 to <see cref="MaxSnapshotEvery"/>. Default 20.</param>
    public StreamState(Func<TState?, TEvent, TState> fold, JsonTypeInfo<TEvent> events, JsonTypeInfo<TState> snapshots, int snapshotEvery = 20)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(snapshotEvery, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(snapshotEvery, MaxSnapshotEvery);
        _fold = fold;
        _events = events;
        _snapshots = snapshots;
        _snapshotEvery = snapshotEvery;
    }

    internal override string RecordId => Ids.Snapshot;

    /// <summary>A young stream comes with the one query of its handling; an older one needs a second, for what follows its snapshot.</summary>
    internal override (string From, string To)? Range => (Ids.Event(1), Ids.Event(_snapshotEvery));

    internal override async ValueTask<TState?> RestoreAsync(PartitionRead read, Head head, PartitionStore store, CancellationToken cancellationToken)
    {
        if (head.Version == 0)
            return null;
        if (head.SnapshotVersion == 0)
            return Fold(null, 0, read, head);

        var snapshot = read.Find(Ids.Snapshot)
            ?? throw new InvalidOperationException($"Partition '{head.Partition}' of '{store.Name}' has lost its snapshot of version {head.SnapshotVersion}.");
        var state = snapshot.GetProperty("data"u8).Deserialize(_snapshots);
        if (head.Version == head.SnapshotVersion)
            return state;
        using var rest = await store.ReadAsync(
            head.Partition, [Ids.Snapshot], (Ids.Event(head.SnapshotVersion + 1), Ids.Event(head.Version)), cancellationToken);
        return Fold(state, head.SnapshotVersion, rest, head);
    }

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
            state = _fold(state, domainEvent);
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

    private TState? Fold(TState? state, long version, PartitionRead read, Head head)
    {
        foreach (var record in read.Records
            .Where(r => r.GetProperty("kind"u8).ValueEquals(RecordKinds.Event))
            .OrderBy(r => r.GetProperty("version"u8).GetInt64()))
        {
            var next = record.GetProperty("version"u8).GetInt64();
            if (next <= version)
                continue;
            if (next > head.Version)
                break;
            if (next != version + 1)
                break;
            state = _fold(state, record.GetProperty("data"u8).Deserialize(_events)!);
            version = next;
        }

        // The head is written with every event, so a gap means that head and events were read at different moments.
        return version == head.Version
            ? state
            : throw new StoreUnavailableException($"Partition '{head.Partition}': read events up to version {version} of {head.Version}.");
    }

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
