namespace Pipeline.Contracts.Inventory;

/// <summary>An order's stock cannot be reserved; what had been is released again.</summary>
/// <param name="OrderId">The order.</param>
/// <param name="Skus">The articles that lack; at least one.</param>
[Event("com.contoso.inventory.stock-insufficient.v1", "inventory", "{orderId}")]
public sealed record StockInsufficient([OrderId] string OrderId, [Items(1, 50)][Sku] IReadOnlyList<string> Skus);
