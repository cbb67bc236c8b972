namespace Pipeline.Contracts.Inventory;

/// <summary>Command: reserve pieces of an article for an order.</summary>
/// <param name="Sku">The article; the receiver.</param>
/// <param name="OrderId">The order, to which the answer goes.</param>
/// <param name="Quantity">Pieces; at least 1.</param>
[Command("com.contoso.inventory.reserve-stock.v1", "stock", "sku-{sku}")]
public sealed record ReserveStock([Sku] string Sku, [OrderId] string OrderId, [Pieces] int Quantity);
