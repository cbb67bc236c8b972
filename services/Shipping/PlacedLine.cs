namespace Pipeline.Services.Shipping;

/// <summary>The part of an order's line that Shipping reads.</summary>
internal sealed record PlacedLine(string Sku, int Quantity);
