// The code of docs/guide/your-own-events.md. A test compares the two, so that it compiles and works.
using System.Text.Json.Serialization;
using Azure.Messaging.ServiceBus;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;
using Pipeline.Consumers;
using Pipeline.Contracts;
using Pipeline.Contracts.Ordering;
using Pipeline.Decisions;
using Pipeline.Functions;
using Pipeline.State;

namespace Pipeline.Tests.Guide;

// Guide: contract
/// <summary>A customer's order earned points.</summary>
/// <param name="OrderId">The order.</param>
/// <param name="Points">How many.</param>
public sealed record PointsEarned([OrderId] string OrderId, [Number(0, 1_000_000)] int Points);

// Guide: handler
public sealed record LoyaltyPoints(string OrderId, int Points)
{
    public static Consumer OnOrdering { get; } = Consumer
        .Of("ordering/loyalty", "loyalty", new DocumentState<LoyaltyPoints>(LoyaltyJson.Default.LoyaltyPoints))
        .On<OrderPlacedV2>((points, order, context) => Decision<LoyaltyPoints>
            .Save(new LoyaltyPoints(order.OrderId, (int)order.Total.Value))
            .Publish(new PointsEarned(order.OrderId, (int)order.Total.Value)));
}

[JsonSerializable(typeof(LoyaltyPoints))]
[JsonSerializable(typeof(PointsEarned))]
internal sealed partial class LoyaltyJson : JsonSerializerContext;

// Guide: trigger
public sealed class LoyaltyFunctions(ConsumerRunners runners, TimeProvider clock, ILogger<LoyaltyFunctions> log)
{
    [Function("ordering-loyalty")]
    public async Task OnOrdering(
        [ServiceBusTrigger("ordering", "loyalty", Connection = "ServiceBus", IsSessionsEnabled = true)] ServiceBusReceivedMessage message,
        ServiceBusMessageActions actions,
        CancellationToken cancellationToken)
    {
        var settlement = await runners.RunnerOf("ordering/loyalty").HandleAsync(Settlements.DeliveryOf(message), cancellationToken);
        await Settlements.SettleAsync(settlement, message, actions, clock, log, cancellationToken);
    }
}

// Guide: end
