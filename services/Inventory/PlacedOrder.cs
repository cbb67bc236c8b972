using Pipeline.Consumers;
using Pipeline.Contracts.Ordering;

namespace Pipeline.Services.Inventory;

/// <summary>What Inventory reads of an order.</summary>
internal sealed record PlacedOrder(string OrderId, IReadOnlyList<PlacedLine> Lines)
{
    public static ConsumedMessage<PlacedOrder> View { get; } = Views.Of<OrderPlacedV2, PlacedOrder>(InventoryJson.Default);
}
