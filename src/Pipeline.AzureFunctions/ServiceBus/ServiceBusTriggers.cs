using Azure.Messaging.ServiceBus;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;
using Pipeline.AzureFunctions.Consumers;

namespace Pipeline.AzureFunctions.ServiceBus;

/// <summary>
/// What the generated functions on queues and subscriptions call: a message in, its settlement out. What a message means, the handlers decide.
/// </summary>
/// <param name="runners">The consumers.</param>
/// <param name="clock">The clock.</param>
/// <param name="log">The log.</param>
public sealed class ServiceBusTriggers(ConsumerRunners runners, TimeProvider clock, ILogger<ServiceBusTriggers> log)
{
    /// <summary>Handles a message of a subscription or queue with sessions.</summary>
    /// <param name="consumer">The name of the consumer.</param>
    /// <param name="message">The message.</param>
    /// <param name="actions">Settles.</param>
    /// <param name="cancellationToken">Ends with the host.</param>
    public async Task HandleAsync(
        string consumer, ServiceBusReceivedMessage message, ServiceBusMessageActions actions, CancellationToken cancellationToken)
    {
        var settlement = await runners.RunnerOf(consumer).HandleAsync(Settlements.DeliveryOf(message), cancellationToken);
        await Settlements.SettleAsync(settlement, message, actions, clock, log, cancellationToken);
    }

    /// <summary>Handles messages of a subscription without sessions: those of one partition in one commit.</summary>
    /// <param name="consumer">The name of the consumer.</param>
    /// <param name="messages">The messages.</param>
    /// <param name="actions">Settles.</param>
    /// <param name="cancellationToken">Ends with the host.</param>
    public async Task HandleBatchAsync(
        string consumer, ServiceBusReceivedMessage[] messages, ServiceBusMessageActions actions, CancellationToken cancellationToken)
    {
        var settlements = await runners.RunnerOf(consumer)
            .HandleBatchAsync([.. messages.Select(Settlements.DeliveryOf)], cancellationToken);
        await Task.WhenAll(messages.Select((message, i) =>
            Settlements.SettleAsync(settlements[i], message, actions, clock, log, cancellationToken)));
    }

    /// <summary>Moves a message of a dead-letter queue into the dead-letter store.</summary>
    /// <param name="consumer">The name of the consumer.</param>
    /// <param name="message">The message.</param>
    /// <param name="actions">Settles.</param>
    /// <param name="cancellationToken">Ends with the host.</param>
    public async Task HandleDeadLetterAsync(
        string consumer, ServiceBusReceivedMessage message, ServiceBusMessageActions actions, CancellationToken cancellationToken)
    {
        var settlement = await runners.DeadLetterQueueProcessorOf(consumer).HandleAsync(Settlements.DeliveryOf(message), cancellationToken);
        await Settlements.SettleAsync(settlement, message, actions, clock, log, cancellationToken);
    }
}
