using System.Text.Json.Nodes;
using Pipeline.Decisions;
using Pipeline.Storage;

namespace Pipeline.State;

/// <summary>How an aggregate's state is stored in its partition: as one document, or as a stream of events.</summary>
public abstract class StateModel<TState>
    where TState : class
{
    private protected StateModel()
    {
    }

    /// <summary>Ids of the records that hold the state, as the head tells.</summary>
    internal abstract IEnumerable<string> RecordsOf(PartitionHead head);

    /// <summary>The state as read; <see langword="null"/> where there is none yet.</summary>
    internal abstract TState? Restore(PartitionRead read);

    /// <summary>The state after a decision that is made now; nothing is written.</summary>
    internal abstract TState? After(TState? before, Decision<TState> decision, DateTimeOffset now);

    /// <summary>The state as those see it who show it; it need not be how it is stored.</summary>
    internal abstract JsonNode? Show(TState? state);

    /// <summary>Adds the changes of a decision to a unit of work, and returns the state after it.</summary>
    internal abstract TState? Write(UnitOfWork work, TState? before, Decision<TState> decision, HandlerContext context);
}
