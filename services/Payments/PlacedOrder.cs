using Pipeline.Consumers;
using Pipeline.Contracts.Ordering;

namespace Pipeline.Services.Payments;

/// <summary>The part of an order that Payments reads.</summary>
internal sealed record PlacedOrder(string OrderId, string CustomerId, OrderTotal Total)
{
    public static ConsumedMessage<PlacedOrder> View { get; } = ConsumedMessage.Of<OrderPlacedV2, PlacedOrder>(PaymentsJson.Default);
}
