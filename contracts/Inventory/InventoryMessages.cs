namespace Pipeline.Contracts.Inventory;

/// <summary>Everything that an order needs is reserved for it.</summary>
/// <param name="OrderId">The order.</param>
public sealed record StockReserved([OrderId] string OrderId);

/// <summary>An order's stock cannot be reserved; what had been is released again.</summary>
/// <param name="OrderId">The order.</param>
/// <param name="Skus">The articles that lack; at least one.</param>
public sealed record StockInsufficient([OrderId] string OrderId, [Items(1, 50)][Sku] IReadOnlyList<string> Skus);

/// <summary>Command: reserve pieces of an article for an order.</summary>
/// <param name="Sku">The article; the receiver.</param>
/// <param name="OrderId">The order, to which the answer goes.</param>
/// <param name="Quantity">Pieces; at least 1.</param>
public sealed record ReserveStock([Sku] string Sku, [OrderId] string OrderId, [Pieces] int Quantity);

/// <summary>Command: give back pieces that were held for an order.</summary>
/// <param name="Sku">The article; the receiver.</param>
/// <param name="OrderId">The order.</param>
/// <param name="Quantity">Pieces; at least 1.</param>
public sealed record ReleaseStock([Sku] string Sku, [OrderId] string OrderId, [Pieces] int Quantity);

/// <summary>Reply: the pieces are held.</summary>
/// <param name="OrderId">The order; the receiver.</param>
/// <param name="Sku">The article.</param>
public sealed record StockHeld([OrderId] string OrderId, [Sku] string Sku);

/// <summary>Reply: there are not enough pieces.</summary>
/// <param name="OrderId">The order; the receiver.</param>
/// <param name="Sku">The article.</param>
/// <param name="Available">Pieces there are.</param>
public sealed record StockRefused([OrderId] string OrderId, [Sku] string Sku, [Number(0, 1_000_000_000)] int Available);
