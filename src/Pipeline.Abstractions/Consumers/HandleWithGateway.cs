using Pipeline.Decisions;

namespace Pipeline.Consumers;

/// <summary>As <see cref="Handle{TState, TMessage}"/>, with a gateway to the world outside. The call may be repeated: hand on an idempotency key.</summary>
public delegate Task<Decision<TState>> HandleWithGateway<TState, in TMessage, in TGateway>(
    TState? state, TMessage message, HandlerContext context, TGateway gateway, CancellationToken cancellationToken)
    where TState : class;
