namespace Pipeline.Contracts.Inventory;

/// <summary>Reply: there are not enough pieces.</summary>
/// <param name="OrderId">The order; the receiver.</param>
/// <param name="Sku">The article.</param>
/// <param name="Available">Pieces there are.</param>
[Reply("com.contoso.inventory.stock-refused.v1", "reservations", "{orderId}")]
public sealed record StockRefused([OrderId] string OrderId, [Sku] string Sku, [Number(0, 1_000_000_000)] int Available);
