using Pipeline.Consumers;
using Pipeline.Contracts.Ordering;

namespace Pipeline.Services.Shipping;

/// <summary>The part of an order; still in version 1, which has all that it needs that Shipping reads.</summary>
internal sealed record PlacedOrder(string OrderId, string CustomerId, IReadOnlyList<PlacedLine> Lines)
{
    public static ConsumedMessage<PlacedOrder> View { get; } = ConsumedMessage.Of<OrderPlaced, PlacedOrder>(ShippingJson.Default);
}
