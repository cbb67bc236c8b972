using Pipeline.Decisions;

namespace Pipeline.Consumers;

/// <summary>Decides what a message means for the state of its partition. Pure.</summary>
public delegate Decision<TState> Handle<TState, in TMessage>(TState? state, TMessage message, HandlerContext context)
    where TState : class;
