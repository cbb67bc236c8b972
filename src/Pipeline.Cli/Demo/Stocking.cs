using System.Collections.Concurrent;
using Pipeline.Cli.Sample;
using Pipeline.Client;

namespace Pipeline.Cli.Demo;

/// <summary>Fills the stock before a run.</summary>
internal sealed class Stocking(PipelineClient client, TransientRetry retry, DemoPlan plan)
{
    private const int Concurrency = 8;

    /// <summary>Raises the stock to what the plan needs.</summary>
    /// <returns>The reserved pieces of each SKU before the run.</returns>
    public async Task<IReadOnlyDictionary<string, long>> FillAsync(CancellationToken cancellationToken)
    {
        var reserved = new ConcurrentDictionary<string, long>(StringComparer.Ordinal);
        await Parallel.ForEachAsync(plan.Skus, Options(cancellationToken), async (sku, token) =>
        {
            var stock = await FindAsync(sku, token) ?? new Stock(sku, 0, 0, 0);
            var isScarce = sku == plan.ScarceSku;
            var wanted = isScarce ? plan.Scarce : plan.Plenty;

            // The scarce one is set exactly: pieces left by an interrupted run would make it plentiful.
            if (isScarce ? stock.Available != wanted || stock.OnHand == 0 : stock.Available < wanted)
                stock = await SetAsync(sku, stock.Reserved + wanted, token);

            reserved[sku] = stock.Reserved;
        });
        return reserved;
    }

    /// <summary>Gets the reserved pieces of each SKU.</summary>
    public async Task<IReadOnlyDictionary<string, long>> ReservedAsync(CancellationToken cancellationToken)
    {
        var reserved = new ConcurrentDictionary<string, long>(StringComparer.Ordinal);
        await Parallel.ForEachAsync(plan.Skus, Options(cancellationToken), async (sku, token) =>
            reserved[sku] = (await FindAsync(sku, token))?.Reserved ?? 0);
        return reserved;
    }

    private static ParallelOptions Options(CancellationToken cancellationToken) =>
        new() { MaxDegreeOfParallelism = Concurrency, CancellationToken = cancellationToken };

    private Task<Stock?> FindAsync(string sku, CancellationToken cancellationToken) => retry.RetryAsync(
        token => client.FindAsync(PipelineClient.Path("stock", sku), SampleJson.Default.Stock, token), cancellationToken);

    private Task<Stock> SetAsync(string sku, long onHand, CancellationToken cancellationToken) => retry.RetryAsync(
        token => client.SendAsync(
            HttpMethod.Put,
            PipelineClient.Path("stock", sku),
            new StockLevel(onHand),
            SampleJson.Default.StockLevel,
            SampleJson.Default.Stock,
            idempotencyKey: null,
            token),
        cancellationToken);
}
