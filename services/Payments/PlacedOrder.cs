using Pipeline.Consumers;
using Pipeline.Contracts.Ordering;

namespace Pipeline.Services.Payments;

/// <summary>What Payments reads of an order.</summary>
internal sealed record PlacedOrder(string OrderId, string CustomerId, OrderTotal Total)
{
    public static ConsumedMessage<PlacedOrder> View { get; } = Views.Of<OrderPlacedV2, PlacedOrder>(PaymentsJson.Default);
}
