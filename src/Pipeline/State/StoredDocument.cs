using System.Text.Json;
using System.Text.Json.Nodes;
using Pipeline.Decisions;
using Pipeline.Storage;

namespace Pipeline.State;

/// <summary>A state that is stored as one document.</summary>
internal sealed class StoredDocument<TState>(DocumentState<TState> model) : StoredState<TState>
    where TState : class
{
    public override IEnumerable<string> RecordsOf(PartitionHead head) => [Ids.State];

    public override TState? Restore(PartitionRead read)
    {
        if (read.Find(Ids.State) is not { } record)
        {
            return !read.Head.HasState ? null : throw new DamagedPartitionException(
                read.Container, read.Head.Partition, $"'{Ids.State}' is missing, though its head says that there is one", canBeRecorded: true);
        }

        return Records.DataOf(read, record, Ids.State, model.Json);
    }

    public override TState? After(TState? before, Decision<TState> decision, DateTimeOffset now) => decision.State ?? before;

    public override JsonNode? Show(TState? state) => state is null ? null : JsonSerializer.SerializeToNode(state, model.Json);

    public override TState? Write(UnitOfWork work, TState? before, Decision<TState> decision, HandlerContext context)
    {
        if (decision.Events.Count > 0)
            throw new InvalidOperationException($"'{typeof(TState)}' is stored as a document; save a state instead of appending events.");
        if (decision.State is { } state)
        {
            work.Head.HasState = true;
            work.Upsert(Ids.State, Records.Write(Ids.State, work.Partition, RecordKinds.State, writer => JsonSerializer.Serialize(writer, state, model.Json)));
        }

        return decision.State ?? before;
    }
}
