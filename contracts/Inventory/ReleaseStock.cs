namespace Pipeline.Contracts.Inventory;

/// <summary>Command: give back pieces that were held for an order.</summary>
/// <param name="Sku">The article; the receiver.</param>
/// <param name="OrderId">The order.</param>
/// <param name="Quantity">Pieces; at least 1.</param>
public sealed record ReleaseStock([Sku] string Sku, [OrderId] string OrderId, [Pieces] int Quantity);
