using System.Text.Json.Nodes;
using Pipeline.Decisions;
using Pipeline.Storage;

namespace Pipeline.State;

/// <summary>Reads an aggregate's state from its partition, and writes the changes to it.</summary>
internal abstract class StoredState<TState>
    where TState : class
{
    private static readonly Kinds ByKind = new();

    /// <summary>Makes it for a state model.</summary>
    public static StoredState<TState> Of(StateModel<TState> model) => model.Accept(ByKind);

    /// <summary>Ids of the records that hold the state, according to the head.</summary>
    public abstract IEnumerable<string> RecordsOf(PartitionHead head);

    /// <summary>The state as read; <see langword="null"/> where there is none yet.</summary>
    public abstract TState? Restore(PartitionRead read);

    /// <summary>The state after a decision that is made now; nothing is written.</summary>
    public abstract TState? After(TState? before, Decision<TState> decision, DateTimeOffset now);

    /// <summary>The state as it is shown; it need not be how it is stored.</summary>
    public abstract JsonNode? Show(TState? state);

    /// <summary>Adds the changes of a decision to a unit of work, and returns the state after it.</summary>
    public abstract TState? Write(UnitOfWork work, TState? before, Decision<TState> decision, HandlerContext context);

    private sealed class Kinds : IStateVisitor<TState, StoredState<TState>>
    {
        public StoredState<TState> VisitDocument(DocumentState<TState> state) => new StoredDocument<TState>(state);

        public StoredState<TState> VisitStream<TEvent>(StreamState<TState, TEvent> state)
            where TEvent : class => new StoredStream<TState, TEvent>(state);
    }
}
