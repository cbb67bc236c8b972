using Pipeline.Consumers;
using Pipeline.Contracts.Ordering;

namespace Pipeline.Services.Shipping;

/// <summary>The part of a cancellation that Shipping reads.</summary>
internal sealed record CancelledOrder(string OrderId)
{
    public static ConsumedMessage<CancelledOrder> View { get; } = ConsumedMessage.Of<OrderCancelled, CancelledOrder>(ShippingJson.Default);
}
