using Pipeline.Consumers;
using Pipeline.Contracts.Ordering;

namespace Pipeline.Services.Inventory;

/// <summary>A cancellation without data: the session identifies the order.</summary>
internal sealed record CancelledOrder
{
    public static ConsumedMessage<CancelledOrder> View { get; } = ConsumedMessage.Of<OrderCancelled, CancelledOrder>(InventoryJson.Default);
}
