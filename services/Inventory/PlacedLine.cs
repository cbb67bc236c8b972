namespace Pipeline.Services.Inventory;

/// <summary>The part of an order's line that Inventory reads.</summary>
internal sealed record PlacedLine(string Sku, int Quantity);
