using Pipeline.Consumers;
using Pipeline.Contracts.Inventory;
using Pipeline.Contracts.Ordering;

namespace Pipeline.Services.Inventory;

/// <summary>What Inventory reads of an order.</summary>
internal sealed record PlacedOrder(string OrderId, IReadOnlyList<PlacedLine> Lines)
{
    public static View<PlacedOrder> View { get; } = Views.Of<OrderPlacedV2, PlacedOrder>(InventoryJson.Default);
}

/// <summary>What Inventory reads of an order's line.</summary>
internal sealed record PlacedLine(string Sku, int Quantity);

/// <summary>That an order was cancelled is all that Inventory wants to know; its session says which.</summary>
internal sealed record CancelledOrder
{
    public static View<CancelledOrder> View { get; } = Views.Of<OrderCancelled, CancelledOrder>(InventoryJson.Default);
}

/// <summary>What a reservation reads of a refusal.</summary>
internal sealed record RefusedStock(string OrderId, string Sku)
{
    public static View<RefusedStock> View { get; } = Views.Of<StockRefused, RefusedStock>(InventoryJson.Default);
}
