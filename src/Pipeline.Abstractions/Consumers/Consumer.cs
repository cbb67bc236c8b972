using System.Text.Json.Serialization.Metadata;
using Pipeline.Messages;
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

    /// <summary>Whether it has a handler for a message, by the record that stands for it in the catalog.</summary>
    internal abstract bool CanHandle(Type dataType);

    internal abstract TResult Accept<TResult>(IConsumerVisitor<TResult> visitor);

    /// <summary>Starts the definition of a consumer.</summary>
    /// <param name="name">The Service Bus entity, <c>topic/subscription</c> or <c>queue</c>.</param>
    /// <param name="service">The service, which is also the name of its container.</param>
    /// <param name="state">How its state is stored.</param>
    public static Consumer<TState> Of<TState>(string name, string service, StateModel<TState> state)
        where TState : class =>
        new(name, service, state);
}
