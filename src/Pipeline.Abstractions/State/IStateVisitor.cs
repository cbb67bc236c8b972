namespace Pipeline.State;

/// <summary>Takes a state model by its kind: all that there are.</summary>
/// <typeparam name="TState">The state.</typeparam>
/// <typeparam name="TResult">What is made of it.</typeparam>
internal interface IStateVisitor<TState, out TResult>
    where TState : class
{
    /// <summary>Takes a state that is stored as one document.</summary>
    TResult VisitDocument(DocumentState<TState> state);

    /// <summary>Takes a state that is stored as a stream of events.</summary>
    TResult VisitStream<TEvent>(StreamState<TState, TEvent> state)
        where TEvent : class;
}
