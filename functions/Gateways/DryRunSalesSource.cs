using Pipeline.Replay;
using Pipeline.Services.Reporting;

namespace Pipeline.Functions.Gateways;

/// <summary>The sales source of a dry run: reading figures changes nothing, so they are read and shown.</summary>
public sealed class DryRunSalesSource(ISalesSource real, GatewayCalls calls) : ISalesSource
{
    /// <inheritdoc/>
    public Task<SalesFigures> GetAsync(string link, CancellationToken cancellationToken) => calls.ReadAsync(
        nameof(GetAsync), new() { ["link"] = link }, SalesJson.Default.SalesFigures, () => real.GetAsync(link, cancellationToken));
}
