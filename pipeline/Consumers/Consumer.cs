using System.Collections.Frozen;
using System.Text.Json;
using Pipeline.Messages;
using Pipeline.Partitions;
using Pipeline.State;

namespace Pipeline.Consumers;

/// <summary>Decides what a message means for the state of its partition. Pure.</summary>
public delegate Decision<TState> Handle<TState, in TMessage>(TState? state, TMessage message, MessageContext context)
    where TState : class;

/// <summary>As <see cref="Handle{TState, TMessage}"/>, with a gateway to the world outside. The call may be repeated: hand on an idempotency key.</summary>
public delegate Task<Decision<TState>> HandleWithGateway<TState, in TMessage, in TGateway>(
    TState? state, TMessage message, MessageContext context, TGateway gateway, CancellationToken cancellationToken)
    where TState : class;

/// <summary>
/// One consumer: what a service does with the messages of one subscription (<c>topic/subscription</c>) or queue. Immutable
/// once built; safe to share.
/// </summary>
public abstract class Consumer
{
    private protected Consumer(string name, string service)
    {
        Name = name;
        Service = service;
    }

    /// <summary>The Service Bus entity that it reads, <c>topic/subscription</c> or <c>queue</c>; also its name in the ledger.</summary>
    public string Name { get; }

    /// <summary>The service that it belongs to: its container, and the source of what it sends.</summary>
    public string Service { get; }

    /// <summary>The topic or queue that replays for it are sent to.</summary>
    public string Destination => Name.Split('/')[0];

    /// <summary>The message types that it handles.</summary>
    public abstract IEnumerable<Type> Handles { get; }

    internal abstract string StateRecordId { get; }

    internal abstract (string From, string To)? StateRange { get; }

    internal abstract bool CanHandle(Type dataType);

    /// <summary>Runs the handler and fills the commit with what it decided. Nothing is written yet.</summary>
    internal abstract Task<IReadOnlyList<object>> DecideAsync(Handling handling, CancellationToken cancellationToken);

    /// <summary>Starts the definition of a consumer.</summary>
    /// <param name="name">The Service Bus entity, <c>topic/subscription</c> or <c>queue</c>.</param>
    /// <param name="service">The service, which is also the name of its container.</param>
    /// <param name="state">How its state is stored.</param>
    public static Consumer<TState> Of<TState>(string name, string service, StateModel<TState> state)
        where TState : class =>
        new(name, service, state, FrozenDictionary<Type, Func<Handling, TState?, CancellationToken, Task<Decision<TState>>>>.Empty);
}

/// <summary>What one run of a handler is given, and where it leaves its decision.</summary>
internal sealed class Handling
{
    public required object Data { get; init; }

    public required MessageContext Context { get; init; }

    public required PartitionRead Read { get; init; }

    public required Head Head { get; init; }

    public required PartitionStore Store { get; init; }

    public required Commit Commit { get; init; }

    public required IServiceProvider Gateways { get; init; }
}

/// <summary>A consumer with its state and handlers.</summary>
public sealed class Consumer<TState> : Consumer
    where TState : class
{
    private readonly FrozenDictionary<Type, Func<Handling, TState?, CancellationToken, Task<Decision<TState>>>> _handlers;
    private readonly StateModel<TState> _state;

    internal Consumer(
        string name,
        string service,
        StateModel<TState> state,
        FrozenDictionary<Type, Func<Handling, TState?, CancellationToken, Task<Decision<TState>>>> handlers)
        : base(name, service)
    {
        _state = state;
        _handlers = handlers;
    }

    /// <inheritdoc/>
    public override IEnumerable<Type> Handles => _handlers.Keys;

    internal override string StateRecordId => _state.RecordId;

    internal override (string From, string To)? StateRange => _state.Range;

    /// <summary>Adds a handler for one message.</summary>
    public Consumer<TState> On<TMessage>(Handle<TState, TMessage> handle) =>
        With(typeof(TMessage), (handling, state, _) => Task.FromResult(handle(state, (TMessage)handling.Data, handling.Context)));

    /// <summary>Adds a handler that calls a gateway. The gateway is taken from the service provider that runs the consumer.</summary>
    public Consumer<TState> On<TMessage, TGateway>(HandleWithGateway<TState, TMessage, TGateway> handle)
        where TGateway : class =>
        With(typeof(TMessage), (handling, state, cancellationToken) =>
        {
            var gateway = (TGateway?)handling.Gateways.GetService(typeof(TGateway))
                ?? throw new InvalidOperationException($"The gateway '{typeof(TGateway)}' is not registered; add it to the service collection.");
            return handle(state, (TMessage)handling.Data, handling.Context, gateway, cancellationToken);
        });

    internal override bool CanHandle(Type dataType) => _handlers.ContainsKey(dataType);

    internal override async Task<IReadOnlyList<object>> DecideAsync(Handling handling, CancellationToken cancellationToken)
    {
        var state = await _state.RestoreAsync(handling.Read, handling.Head, handling.Store, cancellationToken);
        var decision = await _handlers[handling.Data.GetType()](handling, state, cancellationToken);
        if (decision.Refusal is { } refusal)
            throw new PermanentFailureException($"The handler refused the message ({refusal.Code}): {refusal.Reason}");
        _state.Write(handling.Commit, handling.Head, state, decision, handling.Context);
        return decision.Messages;
    }

    private Consumer<TState> With(Type dataType, Func<Handling, TState?, CancellationToken, Task<Decision<TState>>> handler)
    {
        if (_handlers.ContainsKey(dataType))
            throw new ArgumentException($"'{Name}' has a handler for '{dataType}' already.", nameof(dataType));
        return new Consumer<TState>(Name, Service, _state, _handlers.Append(new(dataType, handler)).ToFrozenDictionary());
    }
}
