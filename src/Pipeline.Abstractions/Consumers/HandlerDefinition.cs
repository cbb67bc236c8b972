using Pipeline.Decisions;

namespace Pipeline.Consumers;

/// <summary>A handler, for whatever message and gateway it is.</summary>
/// <param name="Gateway">The gateway that it calls; <see langword="null"/> if it calls none.</param>
/// <param name="Run">Runs it on the state, the data, the context and the gateway, which are of the types that it was defined for.</param>
internal sealed record HandlerDefinition<TState>(
    Type? Gateway, Func<TState?, object, HandlerContext, object?, CancellationToken, Task<Decision<TState>>> Run)
    where TState : class;
