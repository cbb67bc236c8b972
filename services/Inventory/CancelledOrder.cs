using Pipeline.Consumers;
using Pipeline.Contracts.Ordering;

namespace Pipeline.Services.Inventory;

/// <summary>That an order was cancelled is all that Inventory wants to know; its session says which.</summary>
internal sealed record CancelledOrder
{
    public static ConsumedMessage<CancelledOrder> View { get; } = Views.Of<OrderCancelled, CancelledOrder>(InventoryJson.Default);
}
