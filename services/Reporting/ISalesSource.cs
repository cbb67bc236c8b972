namespace Pipeline.Services.Reporting;

/// <summary>The sales figures of an article on a day, as Analytics gives them out.</summary>
/// <param name="Day">The day in UTC, <c>yyyy-MM-dd</c>.</param>
/// <param name="Sku">The article.</param>
/// <param name="Orders">Completed orders with that article.</param>
/// <param name="Quantity">Pieces.</param>
/// <param name="Revenue">By currency (ISO 4217).</param>
/// <param name="AsOf">Number of the last event that these figures were announced by; never falls.</param>
public sealed record SalesFigures(string Day, string Sku, int Orders, long Quantity, IReadOnlyDictionary<string, decimal> Revenue, long AsOf);

/// <summary>Where Reporting gets current sales figures from.</summary>
public interface ISalesSource
{
    /// <summary>Follows the link of a <see cref="Contracts.Analytics.SalesUpdated"/>.</summary>
    /// <exception cref="HttpRequestException">Analytics cannot be reached or gives no figures; trying again may help.</exception>
    /// <exception cref="Consumers.PermanentFailureException">The link leads elsewhere than to sales figures, or the caller is not let in.</exception>
    Task<SalesFigures> GetAsync(string link, CancellationToken cancellationToken);
}
