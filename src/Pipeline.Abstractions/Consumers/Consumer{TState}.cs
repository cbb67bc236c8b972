using System.Collections.Frozen;
using System.Runtime.CompilerServices;
using System.Text.Json.Serialization.Metadata;
using Pipeline.Decisions;
using Pipeline.Messages;
using Pipeline.State;

namespace Pipeline.Consumers;

/// <summary>A consumer with its state and handlers.</summary>
public sealed class Consumer<TState> : Consumer
    where TState : class
{
    internal Consumer(string name, string service, StateModel<TState> state)
        : base(name, service) => State = state;

    /// <summary>How its state is stored.</summary>
    internal StateModel<TState> State { get; }

    /// <summary>Its handlers, by the record that stands for the message in the catalog.</summary>
    internal FrozenDictionary<Type, HandlerDefinition<TState>> Handlers { get; private init; } = FrozenDictionary<Type, HandlerDefinition<TState>>.Empty;

    /// <summary>Makes the message that is sent once for all messages of a commit; <see langword="null"/> for none.</summary>
    internal Func<TState, HandlerContext, object>? BatchDone { get; private init; }

    private FrozenDictionary<Type, JsonTypeInfo?> Read { get; init; } = FrozenDictionary<Type, JsonTypeInfo?>.Empty;

    private FrozenDictionary<Type, Func<object, IncomingMessage, IEnumerable<string>>> Partitions { get; init; } =
        FrozenDictionary<Type, Func<object, IncomingMessage, IEnumerable<string>>>.Empty;

    /// <inheritdoc/>
    public override IEnumerable<Type> Handles => Handlers.Keys;

    /// <inheritdoc/>
    public override IReadOnlyDictionary<Type, JsonTypeInfo?> ConsumedMessages => Read;

    /// <inheritdoc/>
    public override IEnumerable<Type> Gateways => Handlers.Values.Select(h => h.Gateway).OfType<Type>().Distinct();

    /// <summary>Adds a handler for one message, which it gets as a whole.</summary>
    public Consumer<TState> On<TMessage>(Handle<TState, TMessage> handle) => With(typeof(TMessage), null, Plain(handle));

    /// <summary>Adds a handler for one message, which it gets as a record of its own.</summary>
    public Consumer<TState> On<TView>(ConsumedMessage<TView> view, Handle<TState, TView> handle)
    {
        ArgumentNullException.ThrowIfNull(view);
        return With(view.Message, view.Json, Plain(handle));
    }

    /// <summary>
    /// Adds a handler that calls a gateway. The gateway is taken from the service provider that runs the consumer; while its
    /// breaker is open, messages wait for a retry instead (<see cref="GatewayBreakerOptions"/>).
    /// </summary>
    public Consumer<TState> On<TMessage, TGateway>(HandleWithGateway<TState, TMessage, TGateway> handle)
        where TGateway : class =>
        With(typeof(TMessage), null, Calling(handle));

    /// <summary>As <see cref="On{TMessage, TGateway}(HandleWithGateway{TState, TMessage, TGateway})"/>, for a message that it gets as a record of its own.</summary>
    public Consumer<TState> On<TView, TGateway>(ConsumedMessage<TView> view, HandleWithGateway<TState, TView, TGateway> handle)
        where TGateway : class
    {
        ArgumentNullException.ThrowIfNull(view);
        return With(view.Message, view.Json, Calling(handle));
    }

    /// <summary>Declares that messages may come in any order; see <see cref="Consumer.IsUnordered"/>.</summary>
    public Consumer<TState> Unordered() => Copy(isUnordered: true);

    /// <summary>
    /// Declares that its events come by an Event Grid subscription, and so in any order. The queue of its name carries the messages that are replayed for
    /// it, and nothing else.
    /// </summary>
    /// <param name="subscription">The name of the subscription, 3 to 64 letters, digits and hyphens.</param>
    public Consumer<TState> ByEventGrid(string subscription)
    {
        ArgumentException.ThrowIfNullOrEmpty(subscription);
        return Copy(isUnordered: true, eventGridSubscription: subscription);
    }

    /// <summary>Says when messages that failed are tried again, in place of <see cref="ConsumerOptions.Retry"/>.</summary>
    public Consumer<TState> Retry(RetrySchedule schedule)
    {
        ArgumentNullException.ThrowIfNull(schedule);
        return Copy(retry: schedule);
    }

    /// <summary>
    /// Says which partitions a message concerns, each handled by itself with an inbox record of its own. The message is
    /// complete when all of them are. Only for unordered consumers; a pure function of the message.
    /// </summary>
    /// <typeparam name="TMessage">What its handler gets: the message, or the consumer's own record of it.</typeparam>
    /// <exception cref="InvalidOperationException">The consumer is not unordered.</exception>
    public Consumer<TState> PartitionBy<TMessage>(Func<TMessage, IncomingMessage, IEnumerable<string>> partitions)
    {
        if (!IsUnordered)
            throw new InvalidOperationException($"'{Name}' keeps the order of its sessions, so a message has one partition; call Unordered() first.");
        return Copy(partitions: Partitions.Append(new(typeof(TMessage), (data, message) => partitions((TMessage)data, message))).ToFrozenDictionary());
    }

    /// <summary>
    /// Sends one message more whenever messages were handled: once per commit, however many of one partition were handled
    /// together. Its cause is the last of them.
    /// </summary>
    public Consumer<TState> WhenBatchIsDone(Func<TState, HandlerContext, object> message) => Copy(batchDone: message);

    internal override bool CanHandle(Type dataType) => Handlers.ContainsKey(dataType);

    internal override IReadOnlyList<string> PartitionsOf(object data, IncomingMessage message) =>
        Partitions.TryGetValue(data.GetType(), out var partitions) ? [.. partitions(data, message).Distinct(StringComparer.Ordinal)] : [];

    internal override TResult Accept<TResult>(IConsumerVisitor<TResult> visitor) => visitor.Visit(this);

    // Optimized at once, these are never instrumented, so a handler is not inlined into them and stays in the stack of what it throws.
    private static HandlerDefinition<TState> Plain<TData>(Handle<TState, TData> handle) =>
        new(null, [MethodImpl(MethodImplOptions.AggressiveOptimization)] (state, data, context, _, _) => Task.FromResult(handle(state, (TData)data, context)));

    private static HandlerDefinition<TState> Calling<TData, TGateway>(HandleWithGateway<TState, TData, TGateway> handle)
        where TGateway : class =>
        new(typeof(TGateway), [MethodImpl(MethodImplOptions.AggressiveOptimization)] (state, data, context, gateway, cancellationToken) => handle(state, (TData)data, context, (TGateway)gateway!, cancellationToken));

    private Consumer<TState> With(Type dataType, JsonTypeInfo? view, HandlerDefinition<TState> handler)
    {
        if (Handlers.ContainsKey(dataType))
            throw new ArgumentException($"'{Name}' has a handler for '{dataType}' already.", nameof(dataType));
        return Copy(handlers: Handlers.Append(new(dataType, handler)).ToFrozenDictionary(), read: Read.Append(new(dataType, view)).ToFrozenDictionary());
    }

    private Consumer<TState> Copy(
        FrozenDictionary<Type, HandlerDefinition<TState>>? handlers = null,
        FrozenDictionary<Type, JsonTypeInfo?>? read = null,
        FrozenDictionary<Type, Func<object, IncomingMessage, IEnumerable<string>>>? partitions = null,
        Func<TState, HandlerContext, object>? batchDone = null,
        RetrySchedule? retry = null,
        string? eventGridSubscription = null,
        bool isUnordered = false) => new(Name, Service, State)
        {
            Handlers = handlers ?? Handlers,
            Read = read ?? Read,
            Partitions = partitions ?? Partitions,
            BatchDone = batchDone ?? BatchDone,
            IsUnordered = isUnordered || IsUnordered,
            EventGridSubscription = eventGridSubscription ?? EventGridSubscription,
            RetrySchedule = retry ?? RetrySchedule,
        };
}
