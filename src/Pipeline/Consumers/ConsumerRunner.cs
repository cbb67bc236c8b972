using Microsoft.Extensions.Logging;
using Pipeline.Storage;

namespace Pipeline.Consumers;

/// <summary>Handles the deliveries of one consumer: read, recognise duplicates, decide, commit. What it returns must be carried out; nothing is settled here.</summary>
public sealed class ConsumerRunner
{
    private readonly Consumer _consumer;
    private readonly ConsumerServices _services;
    private readonly MessageHandler _handler;
    private readonly OrderedConsumer _ordered;
    private readonly UnorderedConsumer _unordered;
    private readonly BatchHandler _batches;

    /// <summary>Creates the runner.</summary>
    /// <param name="consumer">The consumer.</param>
    /// <param name="store">The container of its service.</param>
    /// <param name="services">What all consumers share.</param>
    /// <param name="log">Tells of messages that were not handled.</param>
    public ConsumerRunner(Consumer consumer, CosmosPartitionStore store, ConsumerServices services, ILogger<ConsumerRunner> log)
        : this(consumer, store, services, new ConsumerTelemetry(new ConsumerName(consumer.Name), log))
    {
    }

    internal ConsumerRunner(Consumer consumer, IPartitionStore store, ConsumerServices services, IConsumerObserver observer)
    {
        _consumer = consumer;
        _services = services;
        _handler = new MessageHandler(consumer, store, services, observer);
        _ordered = new OrderedConsumer(_handler, observer);
        _unordered = new UnorderedConsumer(store, _handler, observer);
        _batches = new BatchHandler(consumer, store, services, _handler, _unordered, observer);
    }

    /// <summary>Handles one delivery.</summary>
    public Task<Settlement> HandleAsync(ReceivedMessage received, CancellationToken cancellationToken) =>
        HandleAsync(_handler.Parser.Parse(received), cancellationToken);

    /// <summary>
    /// Handles the deliveries of one invocation together: those of one partition in one commit. A message that fails does so alone. The result has
    /// one settlement for each delivery, in the same order.
    /// </summary>
    /// <exception cref="InvalidOperationException">The consumer is ordered.</exception>
    public Task<IReadOnlyList<Settlement>> HandleBatchAsync(IReadOnlyList<ReceivedMessage> received, CancellationToken cancellationToken) =>
        _consumer.IsUnordered
            ? _batches.HandleAsync(received, cancellationToken)
            : throw new InvalidOperationException($"'{_consumer.Name}' keeps the order of its sessions and takes one message at a time.");

    /// <summary>
    /// Handles an event that an external sender handed over directly, without the broker. An event that can never be handled is refused before anything
    /// is written, so that the sender learns of it; otherwise it is handled like a delivery.
    /// </summary>
    /// <param name="body">The structured CloudEvent. Its partition is the ordering key that the contract takes from the data.</param>
    /// <param name="cancellationToken">Ends the waiting for an unavailable store: <see cref="SettlementKind.GiveBack"/>.</param>
    public Task<Settlement> HandleForeignAsync(ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        var message = _handler.Parser.ParseForeign(body);
        var failure = message.Poison ?? HandlingRules.CheckOrderAndAge(
            message.Message, _consumer.IsUnordered, new ConsumerPosition(), isReplay: false, _services.Clock.GetUtcNow(), _services.Options);
        return failure is not null ? Task.FromResult(Settlement.Refuse(failure)) : HandleAsync(message, cancellationToken);
    }

    private Task<Settlement> HandleAsync(ParsedMessage message, CancellationToken cancellationToken) => _consumer.IsUnordered
        ? _unordered.HandleAsync(message, new StoreTimeout(_services.Clock, _services.Options.StoreOutageTimeout), cancellationToken)
        : _ordered.HandleAsync(message, new StoreTimeout(_services.Clock, _services.Options.StoreTimeoutAfter(message.Received.TimesGivenBack)), cancellationToken);
}
