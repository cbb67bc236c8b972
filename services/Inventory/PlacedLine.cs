namespace Pipeline.Services.Inventory;

/// <summary>What Inventory reads of an order's line.</summary>
internal sealed record PlacedLine(string Sku, int Quantity);
