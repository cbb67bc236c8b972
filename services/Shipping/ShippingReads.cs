using Pipeline.Consumers;
using Pipeline.Contracts.Ordering;
using Pipeline.Contracts.Payments;

namespace Pipeline.Services.Shipping;

/// <summary>What Shipping reads of an order; still in version 1, which has all that it needs.</summary>
internal sealed record PlacedOrder(string OrderId, string CustomerId, IReadOnlyList<PlacedLine> Lines)
{
    public static View<PlacedOrder> View { get; } = Views.Of<OrderPlaced, PlacedOrder>(ShippingJson.Default);
}

/// <summary>What Shipping reads of an order's line.</summary>
internal sealed record PlacedLine(string Sku, int Quantity);

/// <summary>What Shipping reads of a cancellation.</summary>
internal sealed record CancelledOrder(string OrderId)
{
    public static View<CancelledOrder> View { get; } = Views.Of<OrderCancelled, CancelledOrder>(ShippingJson.Default);
}

/// <summary>What Shipping reads of a charge: which order it was for.</summary>
internal sealed record PaidOrder(string OrderId)
{
    public static View<PaidOrder> View { get; } = Views.Of<PaymentCharged, PaidOrder>(ShippingJson.Default);
}
