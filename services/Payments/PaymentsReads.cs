using Pipeline.Consumers;
using Pipeline.Contracts.Ordering;

namespace Pipeline.Services.Payments;

/// <summary>What Payments reads of an order.</summary>
internal sealed record PlacedOrder(string OrderId, string CustomerId, OrderTotal Total)
{
    public static View<PlacedOrder> View { get; } = Views.Of<OrderPlacedV2, PlacedOrder>(PaymentsJson.Default);
}

/// <summary>What is to be paid.</summary>
internal sealed record OrderTotal(decimal Value, string Currency);

/// <summary>What Payments reads of a cancellation.</summary>
internal sealed record CancelledOrder(string OrderId)
{
    public static View<CancelledOrder> View { get; } = Views.Of<OrderCancelled, CancelledOrder>(PaymentsJson.Default);
}
