namespace Pipeline.Contracts.Inventory;

/// <summary>Reply: the pieces are held.</summary>
/// <param name="OrderId">The order; the receiver.</param>
/// <param name="Sku">The article.</param>
[Reply("com.contoso.inventory.stock-held.v1", "reservations", "{orderId}")]
public sealed record StockHeld([OrderId] string OrderId, [Sku] string Sku);
