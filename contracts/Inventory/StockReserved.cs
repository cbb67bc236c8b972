namespace Pipeline.Contracts.Inventory;

/// <summary>Everything that an order needs is reserved for it.</summary>
/// <param name="OrderId">The order.</param>
public sealed record StockReserved([OrderId] string OrderId);
