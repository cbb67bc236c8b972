using Pipeline.Replay;

namespace Pipeline.Services.Reporting;

/// <summary>Takes the place of Analytics in a dry run: asking for figures changes nothing, so they are asked for, and shown.</summary>
public sealed class DryRunSalesSource(ISalesSource real, GatewayCalls calls) : ISalesSource
{
    /// <inheritdoc/>
    public Task<SalesFigures> GetAsync(string link, CancellationToken cancellationToken) => calls.ReadAsync(
        nameof(GetAsync), new() { ["link"] = link }, ReportingJson.Default.SalesFigures, () => real.GetAsync(link, cancellationToken));
}
