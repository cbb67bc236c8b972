using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Pipeline.Decisions;
using Pipeline.Storage;

namespace Pipeline.State;

/// <summary>An aggregate stored as one document, replaced as a whole.</summary>
public sealed class DocumentState<TState> : StateModel<TState>
    where TState : class
{
    private readonly JsonTypeInfo<TState> _json;

    /// <summary>Creates the model.</summary>
    public DocumentState(JsonTypeInfo<TState> json) => _json = json;

    internal override IEnumerable<string> RecordsOf(PartitionHead head) => [Ids.State];

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

    internal override TState? Write(UnitOfWork work, TState? before, Decision<TState> decision, HandlerContext context)
    {
        if (decision.Events.Count > 0)
            throw new InvalidOperationException($"'{typeof(TState)}' is stored as a document; save a state instead of appending events.");
        if (decision.State is { } state)
        {
            work.Head.HasState = true;
            work.Upsert(Ids.State, Records.Write(Ids.State, work.Partition, RecordKinds.State, writer => JsonSerializer.Serialize(writer, state, _json)));
        }

        return decision.State ?? before;
    }
}
