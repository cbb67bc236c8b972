using System.Text.Json.Nodes;
using Pipeline.Decisions;
using Pipeline.Failures;
using Pipeline.Storage;

namespace Pipeline.Consumers;

/// <summary>Runs the handlers of a consumer on the state of a partition, whatever the type of the state.</summary>
internal abstract class HandlerInvoker(Consumer consumer)
{
    private static readonly ByState Visitor = new();

    /// <summary>The consumer.</summary>
    public Consumer Consumer => consumer;

    /// <summary>Its name.</summary>
    public ConsumerName Name { get; } = new(consumer.Name);

    /// <summary>Makes it for a consumer.</summary>
    public static HandlerInvoker Of(Consumer consumer) => consumer.Accept(Visitor);

    /// <summary>Ids of the records that hold the state of a partition.</summary>
    public abstract IEnumerable<string> StateRecordsOf(PartitionHead head);

    /// <summary>The state of a partition as it is shown; <see langword="null"/> where there is none.</summary>
    public abstract JsonNode? ShowState(PartitionRead read);

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
    public abstract Task<IReadOnlySet<int>> DecideAsync(
        PartitionRead read,
        UnitOfWork work,
        IReadOnlyList<(ParsedMessage Message, HandlerContext Context)> messages,
        GatewayAccess gateways,
        bool leaveOutFailures,
        CancellationToken cancellationToken);

    private sealed class ByState : IConsumerVisitor<HandlerInvoker>
    {
        public HandlerInvoker Visit<TState>(Consumer<TState> consumer)
            where TState : class => new HandlerInvoker<TState>(consumer);
    }
}
