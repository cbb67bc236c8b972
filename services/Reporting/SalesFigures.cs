namespace Pipeline.Services.Reporting;

/// <summary>The sales figures of an article on a day, as Analytics publishes them.</summary>
/// <param name="Day">The day in UTC, <c>yyyy-MM-dd</c>.</param>
/// <param name="Sku">The article.</param>
/// <param name="Orders">Completed orders with that article.</param>
/// <param name="Quantity">Pieces.</param>
/// <param name="Revenue">By currency (ISO 4217).</param>
/// <param name="AsOf">Number of the last event that these figures were announced by; never falls.</param>
public sealed record SalesFigures(string Day, string Sku, int Orders, long Quantity, IReadOnlyDictionary<string, decimal> Revenue, long AsOf);
