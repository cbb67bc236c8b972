using Pipeline.Failures;

namespace Pipeline.Services.Reporting;

/// <summary>Where Reporting gets current sales figures from.</summary>
public interface ISalesSource
{
    /// <summary>Follows the link of a <see cref="Contracts.Analytics.SalesUpdated"/>.</summary>
    /// <exception cref="HttpRequestException">Analytics cannot be reached or gives no figures; trying again may help.</exception>
    /// <exception cref="PermanentFailureException">The link leads elsewhere than to sales figures, or the caller is not let in.</exception>
    Task<SalesFigures> GetAsync(string link, CancellationToken cancellationToken);
}
