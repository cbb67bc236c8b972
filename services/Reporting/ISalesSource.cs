using Pipeline.Failures;

namespace Pipeline.Services.Reporting;

/// <summary>The source of current sales figures.</summary>
public interface ISalesSource
{
    /// <summary>Follows the link of a <see cref="Contracts.Analytics.SalesUpdated"/>.</summary>
    /// <exception cref="HttpRequestException">Analytics is unavailable or returns no figures; a retry may succeed.</exception>
    /// <exception cref="PermanentFailureException">The link does not refer to sales figures, or access is denied.</exception>
    Task<SalesFigures> GetAsync(string link, CancellationToken cancellationToken);
}
