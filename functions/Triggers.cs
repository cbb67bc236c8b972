using System.Text.Json;
using Azure.Messaging;
using Azure.Messaging.ServiceBus;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;
using Pipeline.Consumers;

namespace Pipeline.Functions;

/// <summary>
/// What the generated functions call: a message in, its settlement out. What a message means is decided in <c>services/</c>.
/// </summary>
public sealed class Triggers(ConsumerRunners runners, TimeProvider clock, ILogger<Triggers> log)
{
    /// <summary>Handles a message of a subscription or queue with sessions.</summary>
    public async Task HandleAsync(
        string consumer, ServiceBusReceivedMessage message, ServiceBusMessageActions actions, CancellationToken cancellationToken)
    {
        var settlement = await runners.RunnerOf(consumer).HandleAsync(Settlements.DeliveryOf(message), cancellationToken);
        await Settlements.SettleAsync(settlement, message, actions, clock, log, cancellationToken);
    }

    /// <summary>Handles messages of a subscription without sessions: those of one partition in one commit.</summary>
    public async Task HandleBatchAsync(
        string consumer, ServiceBusReceivedMessage[] messages, ServiceBusMessageActions actions, CancellationToken cancellationToken)
    {
        var settlements = await runners.RunnerOf(consumer)
            .HandleBatchAsync([.. messages.Select(Settlements.DeliveryOf)], cancellationToken);
        await Task.WhenAll(messages.Select((message, i) =>
            Settlements.SettleAsync(settlements[i], message, actions, clock, log, cancellationToken)));
    }

    /// <summary>Moves a message of a dead-letter queue into the dead-letter store.</summary>
    public async Task HandleDeadLetterAsync(
        string consumer, ServiceBusReceivedMessage message, ServiceBusMessageActions actions, CancellationToken cancellationToken)
    {
        var settlement = await runners.DeadLetterQueueProcessorOf(consumer).HandleAsync(Settlements.DeliveryOf(message), cancellationToken);
        await Settlements.SettleAsync(settlement, message, actions, clock, log, cancellationToken);
    }

    /// <summary>Handles an event that Event Grid delivers, in no promised order.</summary>
    /// <exception cref="InvalidOperationException">It could not be handled now. Not caught, it makes Event Grid deliver it again.</exception>
    public async Task HandleEventAsync(string consumer, CloudEvent cloudEvent, CancellationToken cancellationToken)
    {
        var settlement = await runners.RunnerOf(consumer).HandleAsync(DeliveryOf(cloudEvent), cancellationToken);
        if (settlement.Kind is SettlementKind.Complete or SettlementKind.DeadLetter)
            return;
        log.LogWarning("{Consumer}: {EventId} is left to Event Grid, which delivers it again.", consumer, cloudEvent.Id);
        throw new InvalidOperationException($"The event '{cloudEvent.Id}' could not be handled now; deliver it again.");
    }

    /// <summary>Event Grid tells a function neither the delivery count nor a session.</summary>
    private static ReceivedMessage DeliveryOf(CloudEvent cloudEvent) => new()
    {
        Body = JsonSerializer.SerializeToUtf8Bytes(cloudEvent),
        SessionId = cloudEvent.ExtensionAttributes.TryGetValue("partitionkey", out var key)
            ? Convert.ToString(key, CultureInfo.InvariantCulture)
            : cloudEvent.Subject,
        MessageId = cloudEvent.Id,
        DeliveryCount = 0,
    };
}
