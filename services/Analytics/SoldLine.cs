namespace Pipeline.Services.Analytics;

/// <summary>What Analytics reads of an order's line.</summary>
internal sealed record SoldLine(string Sku, int Quantity, decimal UnitPrice);
