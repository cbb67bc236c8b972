using System.Text.Json;
using Azure.Messaging;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;
using Pipeline.Consumers;

namespace Pipeline.Functions;

/// <summary>
/// Consumers that Event Grid delivers to, in no promised order. What their handlers give up is in the ledger, and comes
/// back from there by the queue of the consumer's name (<see cref="ConsumerFunctions"/>).
/// </summary>
public sealed class EventGridFunctions(ConsumerRunners runners, ILogger<EventGridFunctions> log)
{
    /// <summary>Tells customers about their orders.</summary>
    [Function("notify")]
    public async Task Notify([EventGridTrigger] CloudEvent cloudEvent, CancellationToken cancellationToken)
    {
        var settlement = await runners.RunnerOf(Names.Notify).HandleAsync(DeliveryOf(cloudEvent), cancellationToken);
        if (settlement.Kind is SettlementKind.Complete or SettlementKind.DeadLetter)
            return;
        log.LogWarning("{Consumer}: {EventId} is left to Event Grid, which delivers it again.", Names.Notify, cloudEvent.Id);
        throw new InvalidOperationException($"The event '{cloudEvent.Id}' could not be handled now; deliver it again.");
    }

    /// <summary>Event Grid tells a function neither the delivery count nor a session.</summary>
    private static ReceivedMessage DeliveryOf(CloudEvent cloudEvent) => new()
    {
        Body = JsonSerializer.SerializeToUtf8Bytes(cloudEvent),
        SessionId = cloudEvent.ExtensionAttributes.TryGetValue("partitionkey", out var key) ? Convert.ToString(key, CultureInfo.InvariantCulture) : cloudEvent.Subject,
        MessageId = cloudEvent.Id,
        DeliveryCount = 0,
    };
}
