namespace Pipeline.Contracts.Inventory;

/// <summary>Command: give back pieces that were held for an order.</summary>
/// <param name="Sku">The article; the receiver.</param>
/// <param name="OrderId">The order.</param>
/// <param name="Quantity">Pieces; at least 1.</param>
[Command("com.contoso.inventory.release-stock.v1", "stock", "sku-{sku}")]
public sealed record ReleaseStock([Sku] string Sku, [OrderId] string OrderId, [Pieces] int Quantity);
