namespace Pipeline.Services.Analytics;

/// <summary>The part of an order's line that Analytics reads.</summary>
internal sealed record SoldLine(string Sku, int Quantity, decimal UnitPrice);
