using System.Collections.Frozen;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Pipeline.Messages;
using Pipeline.Storage;
using Pipeline.State;

namespace Pipeline.Consumers;

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

    /// <summary>
    /// Whether it takes messages in any order: nothing blocks, a failed message is a ledger entry by itself. Consumers fed by
    /// Event Grid or by a subscription without sessions have to be.
    /// </summary>
    public bool IsUnordered { get; private protected init; }

    /// <summary>Gets the Event Grid subscription that its events come by; <see langword="null"/> where Service Bus delivers them.</summary>
    public string? EventGridSubscription { get; private protected init; }

    /// <summary>When its failed messages are tried again; <see langword="null"/> for as <see cref="ConsumerOptions.Retry"/> says.</summary>
    public RetrySchedule? RetrySchedule { get; private protected init; }

    /// <summary>The message types that it handles.</summary>
    public abstract IEnumerable<Type> Handles { get; }

    /// <summary>What it reads of them: its own record of each; <see langword="null"/> for one that it reads as a whole.</summary>
    public abstract IReadOnlyDictionary<Type, JsonTypeInfo?> ConsumedMessages { get; }

    /// <summary>The gateways that its handlers call.</summary>
    public abstract IEnumerable<Type> Gateways { get; }

    /// <summary>The partitions that a message concerns; empty for none but that of its ordering key.</summary>
    internal abstract IReadOnlyList<string> PartitionsOf(object data, IncomingMessage message);

    internal abstract IEnumerable<string> StateRecordsOf(PartitionHead head);

    /// <summary>Whether it has a handler for a message, by the record that stands for it in the catalog.</summary>
    internal abstract bool CanHandle(Type dataType);

    /// <summary>The state of a partition, for those who show it; <see langword="null"/> where there is none.</summary>
    internal abstract JsonNode? ShowState(PartitionRead read);

    /// <summary>Runs the handler for each message, one after the other on the state that the one before left, and fills the commit with all of it. Nothing is written yet.</summary>
    internal abstract Task<DecidedBatch> DecideAsync(Handling handling, CancellationToken cancellationToken);

    /// <summary>Starts the definition of a consumer.</summary>
    /// <param name="name">The Service Bus entity, <c>topic/subscription</c> or <c>queue</c>.</param>
    /// <param name="service">The service, which is also the name of its container.</param>
    /// <param name="state">How its state is stored.</param>
    public static Consumer<TState> Of<TState>(string name, string service, StateModel<TState> state)
        where TState : class =>
        new(name, service, state);
}

/// <summary>A consumer with its state and handlers.</summary>
public sealed class Consumer<TState> : Consumer
    where TState : class
{
    private readonly StateModel<TState> _state;

    internal Consumer(string name, string service, StateModel<TState> state)
        : base(name, service) => _state = state;

    private FrozenDictionary<Type, Func<object, HandlerContext, TState?, Handling, CancellationToken, Task<Decision<TState>>>> Handlers { get; init; } =
        FrozenDictionary<Type, Func<object, HandlerContext, TState?, Handling, CancellationToken, Task<Decision<TState>>>>.Empty;

    private FrozenDictionary<Type, JsonTypeInfo?> Read { get; init; } = FrozenDictionary<Type, JsonTypeInfo?>.Empty;

    private FrozenDictionary<Type, Func<object, IncomingMessage, IEnumerable<string>>> Partitions { get; init; } =
        FrozenDictionary<Type, Func<object, IncomingMessage, IEnumerable<string>>>.Empty;

    private Func<TState, HandlerContext, object>? BatchDone { get; init; }

    private IReadOnlyList<Type> Called { get; init; } = [];

    /// <inheritdoc/>
    public override IEnumerable<Type> Handles => Handlers.Keys;

    /// <inheritdoc/>
    public override IReadOnlyDictionary<Type, JsonTypeInfo?> ConsumedMessages => Read;

    /// <inheritdoc/>
    public override IEnumerable<Type> Gateways => Called;

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
    /// breaker is open, messages are held instead (<see cref="GatewayBreakerOptions"/>).
    /// </summary>
    public Consumer<TState> On<TMessage, TGateway>(HandleWithGateway<TState, TMessage, TGateway> handle)
        where TGateway : class =>
        With(typeof(TMessage), null, Calling(handle)).Copy(gateway: typeof(TGateway));

    /// <summary>As <see cref="On{TMessage, TGateway}(HandleWithGateway{TState, TMessage, TGateway})"/>, for a message that it gets as a record of its own.</summary>
    public Consumer<TState> On<TView, TGateway>(ConsumedMessage<TView> view, HandleWithGateway<TState, TView, TGateway> handle)
        where TGateway : class
    {
        ArgumentNullException.ThrowIfNull(view);
        return With(view.Message, view.Json, Calling(handle)).Copy(gateway: typeof(TGateway));
    }

    private static Func<object, HandlerContext, TState?, Handling, CancellationToken, Task<Decision<TState>>> Plain<TData>(Handle<TState, TData> handle) =>
        (data, context, state, _, _) => Task.FromResult(handle(state, (TData)data, context));

    private static Func<object, HandlerContext, TState?, Handling, CancellationToken, Task<Decision<TState>>> Calling<TData, TGateway>(HandleWithGateway<TState, TData, TGateway> handle)
        where TGateway : class =>
        (data, context, state, handling, cancellationToken) =>
        {
            var gateway = (TGateway?)handling.Gateways.GetService(typeof(TGateway))
                ?? throw new InvalidOperationException($"The gateway '{typeof(TGateway)}' is not registered; add it to the service collection.");
            return handling.Breakers is { } breakers
                ? breakers.RunAsync(typeof(TGateway), handling.IsRetry, token => handle(state, (TData)data, context, gateway, token), cancellationToken)
                : handle(state, (TData)data, context, gateway, cancellationToken);
        };

    /// <summary>Declares that messages may come in any order; see <see cref="Consumer.IsUnordered"/>.</summary>
    public Consumer<TState> Unordered() => Copy(isOrderFree: true);

    /// <summary>
    /// Declares that its events come by an Event Grid subscription, and so in any order. The queue of its name carries what is
    /// replayed for it, and nothing else.
    /// </summary>
    /// <param name="subscription">The name of the subscription, 3 to 64 letters, digits and hyphens.</param>
    public Consumer<TState> ByEventGrid(string subscription)
    {
        ArgumentException.ThrowIfNullOrEmpty(subscription);
        return Copy(isOrderFree: true, eventGridSubscription: subscription);
    }

    /// <summary>Says when messages that failed are tried again, in place of <see cref="ConsumerOptions.Retry"/>.</summary>
    public Consumer<TState> Retry(RetrySchedule schedule)
    {
        ArgumentNullException.ThrowIfNull(schedule);
        return Copy(retry: schedule);
    }

    /// <summary>
    /// Says which partitions a message concerns, each handled by itself with an inbox record of its own. The message is
    /// complete when all of them are. Only for order-free consumers; a pure function of the message.
    /// </summary>
    /// <typeparam name="TMessage">What its handler gets: the message, or the consumer's own record of it.</typeparam>
    /// <exception cref="InvalidOperationException">The consumer is not order-free.</exception>
    public Consumer<TState> PartitionBy<TMessage>(Func<TMessage, IncomingMessage, IEnumerable<string>> partitions)
    {
        if (!IsUnordered)
            throw new InvalidOperationException($"'{Name}' keeps the order of its sessions, so a message has one partition; call OrderFree() first.");
        return Copy(partitions: Partitions.Append(new(typeof(TMessage), (data, message) => partitions((TMessage)data, message))).ToFrozenDictionary());
    }

    /// <summary>
    /// Sends one message more whenever messages were handled: once per commit, however many of one partition were handled
    /// together. Its cause is the last of them.
    /// </summary>
    public Consumer<TState> WhenBatchIsDone(Func<TState, HandlerContext, object> message) => Copy(batchDone: message);

    internal override IEnumerable<string> StateRecordsOf(PartitionHead head) => _state.RecordsOf(head);

    internal override bool CanHandle(Type dataType) => Handlers.ContainsKey(dataType);

    internal override JsonNode? ShowState(PartitionRead read) => _state.Show(_state.Restore(read));

    internal override IReadOnlyList<string> PartitionsOf(object data, IncomingMessage message) =>
        Partitions.TryGetValue(data.GetType(), out var partitions) ? [.. partitions(data, message).Distinct(StringComparer.Ordinal)] : [];

    internal override async Task<DecidedBatch> DecideAsync(Handling handling, CancellationToken cancellationToken)
    {
        var before = _state.Restore(handling.Read);
        var state = before;
        Decision<TState>? all = null;
        var outgoing = new List<(object, HandlerContext)>();
        var leftOut = new HashSet<int>();
        var last = -1;
        for (var i = 0; i < handling.Messages.Count; i++)
        {
            var (message, data, context) = handling.Messages[i];
            Decision<TState> decision;
            try
            {
                decision = await Handlers[message](data, context, state, handling, cancellationToken);
            }
            catch (Exception) when (handling.LeaveOutFailures && !cancellationToken.IsCancellationRequested)
            {
                leftOut.Add(i);
                continue;
            }

            if (decision.Refusal is { } refusal)
                throw new PermanentFailureException($"The handler refused the message ({refusal.Code}): {refusal.Reason}");
            state = _state.After(state, decision, context.Now);
            outgoing.AddRange(decision.Messages.Select(m => (m, context)));
            all = all is null ? decision : all.Then(decision);
            last = i;
        }

        if (all is null)
            return new DecidedBatch([], leftOut);
        var doneBy = handling.Messages[last].Context;
        if (BatchDone is { } done && state is not null)
            outgoing.Add((done(state, doneBy), doneBy));
        _state.Write(handling.Commit, handling.Read.Head, before, all, doneBy);
        return new DecidedBatch(outgoing, leftOut);
    }

    private Consumer<TState> With(Type dataType, JsonTypeInfo? view, Func<object, HandlerContext, TState?, Handling, CancellationToken, Task<Decision<TState>>> handler)
    {
        if (Handlers.ContainsKey(dataType))
            throw new ArgumentException($"'{Name}' has a handler for '{dataType}' already.", nameof(dataType));
        return Copy(handlers: Handlers.Append(new(dataType, handler)).ToFrozenDictionary(), read: Read.Append(new(dataType, view)).ToFrozenDictionary());
    }

    private Consumer<TState> Copy(
        FrozenDictionary<Type, Func<object, HandlerContext, TState?, Handling, CancellationToken, Task<Decision<TState>>>>? handlers = null,
        FrozenDictionary<Type, JsonTypeInfo?>? read = null,
        FrozenDictionary<Type, Func<object, IncomingMessage, IEnumerable<string>>>? partitions = null,
        Func<TState, HandlerContext, object>? batchDone = null,
        RetrySchedule? retry = null,
        string? eventGridSubscription = null,
        bool isOrderFree = false,
        Type? gateway = null) => new(Name, Service, _state)
        {
            Handlers = handlers ?? Handlers,
            Read = read ?? Read,
            Partitions = partitions ?? Partitions,
            BatchDone = batchDone ?? BatchDone,
            IsUnordered = isOrderFree || IsUnordered,
            EventGridSubscription = eventGridSubscription ?? EventGridSubscription,
            Called = gateway is null || Called.Contains(gateway) ? Called : [.. Called, gateway],
            RetrySchedule = retry ?? RetrySchedule,
        };
}
