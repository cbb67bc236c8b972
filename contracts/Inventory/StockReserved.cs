namespace Pipeline.Contracts.Inventory;

/// <summary>Everything that an order needs is reserved for it.</summary>
/// <param name="OrderId">The order.</param>
[Event("com.contoso.inventory.stock-reserved.v1", "inventory", "{orderId}")]
public sealed record StockReserved([OrderId] string OrderId);
