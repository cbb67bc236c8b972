using System.Text.Json;
using Azure.Messaging;
using Microsoft.Extensions.Logging;
using Pipeline.AzureFunctions.Consumers;
using Pipeline.Consumers;

namespace Pipeline.AzureFunctions.EventGrid;

/// <summary>What the generated functions of Event Grid subscriptions call.</summary>
/// <param name="runners">The consumers.</param>
/// <param name="log">The log.</param>
public sealed class EventGridTriggers(ConsumerRunners runners, ILogger<EventGridTriggers> log)
{
    /// <summary>Handles an event that Event Grid delivers, in no promised order.</summary>
    /// <param name="consumer">The name of the consumer.</param>
    /// <param name="cloudEvent">The event.</param>
    /// <param name="cancellationToken">Ends with the host.</param>
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
