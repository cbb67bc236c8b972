using Pipeline.Commands;
using Pipeline.Contracts;
using Pipeline.Services.Analytics;
using Pipeline.Services.Reporting;

namespace Pipeline.Tests;

/// <summary>The figures of Analytics without HTTP in between.</summary>
internal sealed class StoredSales(CommandRunner<Sales> sales) : ISalesSource
{
    public async Task<SalesFigures> GetAsync(string link, CancellationToken cancellationToken)
    {
        var parts = link.Split('/');
        var (state, number) = await sales.ReadWithNumberAsync(ContractCatalog.SalesPartition(parts[2], parts[3]), cancellationToken);
        return new SalesFigures(state!.Day, state.Sku, state.Orders, state.Quantity, state.Revenue, number);
    }
}
