namespace Pipeline.State;

/// <summary>
/// How an aggregate's state is stored in its partition: as one document (<see cref="DocumentState{TState}"/>), or as a stream of events
/// (<see cref="StreamState{TState, TEvent}"/>). Immutable; safe to share.
/// </summary>
public abstract class StateModel<TState>
    where TState : class
{
    private protected StateModel()
    {
    }

    internal abstract TResult Accept<TResult>(IStateVisitor<TState, TResult> visitor);
}
