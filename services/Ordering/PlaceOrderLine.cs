namespace Pipeline.Services.Ordering;

/// <summary>One line of the request.</summary>
public sealed record PlaceOrderLine
{
    /// <summary>The article.</summary>
    public string? Sku { get; init; }

    /// <summary>Pieces; 1 to <see cref="PlaceOrder.MaxQuantity"/>.</summary>
    public int? Quantity { get; init; }

    /// <summary>Price of one piece; 0 to <see cref="PlaceOrder.MaxUnitPrice"/>, at most two decimals.</summary>
    public decimal? UnitPrice { get; init; }
}
