namespace Pipeline.Services.Shipping;

/// <summary>What a parcel is made of.</summary>
/// <param name="Sku">The article.</param>
/// <param name="Quantity">Pieces.</param>
public sealed record ParcelItem(string Sku, int Quantity);
