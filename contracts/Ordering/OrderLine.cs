namespace Pipeline.Contracts.Ordering;

/// <summary>One line of an order.</summary>
/// <param name="Sku">The article.</param>
/// <param name="Quantity">Pieces; at least 1.</param>
/// <param name="UnitPrice">Price of one piece; not negative.</param>
public sealed record OrderLine([Sku] string Sku, [Pieces] int Quantity, [Price] decimal UnitPrice);
