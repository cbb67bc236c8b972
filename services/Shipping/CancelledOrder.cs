using Pipeline.Consumers;
using Pipeline.Contracts.Ordering;

namespace Pipeline.Services.Shipping;

/// <summary>What Shipping reads of a cancellation.</summary>
internal sealed record CancelledOrder(string OrderId)
{
    public static ConsumedMessage<CancelledOrder> View { get; } = Views.Of<OrderCancelled, CancelledOrder>(ShippingJson.Default);
}
