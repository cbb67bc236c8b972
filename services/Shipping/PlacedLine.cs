namespace Pipeline.Services.Shipping;

/// <summary>What Shipping reads of an order's line.</summary>
internal sealed record PlacedLine(string Sku, int Quantity);
