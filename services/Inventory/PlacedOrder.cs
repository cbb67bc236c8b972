using Pipeline.Consumers;
using Pipeline.Contracts.Ordering;

namespace Pipeline.Services.Inventory;

/// <summary>The part of an order that Inventory reads.</summary>
internal sealed record PlacedOrder(string OrderId, IReadOnlyList<PlacedLine> Lines)
{
    public static ConsumedMessage<PlacedOrder> View { get; } = ConsumedMessage.Of<OrderPlacedV2, PlacedOrder>(InventoryJson.Default);
}
