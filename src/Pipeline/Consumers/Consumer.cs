using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Pipeline.Decisions;
using Pipeline.Failures;
using Pipeline.Messages;
using Pipeline.State;
using Pipeline.Storage;

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

    /// <summary>The Service Bus entity that it reads, <c>topic/subscription</c> or <c>queue</c>; also its name in dead letters.</summary>
    public string Name { get; }

    /// <summary>The service that it belongs to: its container, and the source of what it sends.</summary>
    public string Service { get; }

    /// <summary>The topic or queue that replays for it are sent to.</summary>
    public string Destination => Name.Split('/')[0];

    /// <summary>
    /// Whether it takes messages in any order: no subject is blocked, and a failed message is a dead letter by itself. Consumers fed by Event
    /// Grid or by a subscription without sessions have to be unordered.
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

    /// <summary>
    /// Runs the handler for each message, one after the other on the state that the one before left, and adds the changes of state and the
    /// outgoing messages to the unit of work. Nothing is written yet.
    /// </summary>
    /// <param name="read">The partition as it was read.</param>
    /// <param name="work">The unit of work.</param>
    /// <param name="messages">Messages of that partition, each with the context that its handler is given.</param>
    /// <param name="gateways">The gateways that handlers may call.</param>
    /// <param name="leaveOutFailures">Whether a message whose handler throws is left out, for the caller to handle by itself.</param>
    /// <param name="cancellationToken">Ends the handlers.</param>
    /// <returns>Indexes of the messages that were left out.</returns>
    /// <exception cref="PermanentFailureException">A handler refused its message, or failed for good.</exception>
    internal abstract Task<IReadOnlySet<int>> DecideAsync(
        PartitionRead read,
        UnitOfWork work,
        IReadOnlyList<(ParsedMessage Message, HandlerContext Context)> messages,
        GatewayAccess gateways,
        bool leaveOutFailures,
        CancellationToken cancellationToken);

    /// <summary>Starts the definition of a consumer.</summary>
    /// <param name="name">The Service Bus entity, <c>topic/subscription</c> or <c>queue</c>.</param>
    /// <param name="service">The service, which is also the name of its container.</param>
    /// <param name="state">How its state is stored.</param>
    public static Consumer<TState> Of<TState>(string name, string service, StateModel<TState> state)
        where TState : class =>
        new(name, service, state);
}
