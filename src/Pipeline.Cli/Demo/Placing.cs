using Pipeline.Cli.Sample;
using Pipeline.Client;

namespace Pipeline.Cli.Demo;

/// <summary>Places the orders of a run.</summary>
internal sealed class Placing(PipelineClient client, TransientRetry retry, string runId, Tally tally)
{
    private const int Concurrency = 16;

    /// <summary>Places all orders; each is reported when it is acknowledged.</summary>
    public async Task<IReadOnlyList<PlacedOrder>> RunAsync(DemoPlan plan, Action<PlacedOrder> onPlaced, CancellationToken cancellationToken)
    {
        var placed = new PlacedOrder[plan.Orders];
        var options = new ParallelOptions { MaxDegreeOfParallelism = Concurrency, CancellationToken = cancellationToken };
        await Parallel.ForAsync(1, plan.Orders + 1, options, async (number, token) =>
        {
            var order = await PlaceAsync(plan.Order(number), number, token);
            placed[number - 1] = order;
            tally.CountPlaced();
            onPlaced(order);
        });
        return placed;
    }

    private async Task<PlacedOrder> PlaceAsync(NewOrder order, int number, CancellationToken cancellationToken)
    {
        // The same key on every attempt, because a failed attempt may have been carried out.
        var key = string.Create(CultureInfo.InvariantCulture, $"demo-{runId}-{number}");
        try
        {
            var receipt = await retry.RetryAsync(
                token => client.SendAsync(
                    HttpMethod.Post,
                    "api/orders",
                    order,
                    SampleJson.Default.NewOrder,
                    SampleJson.Default.OrderReceipt,
                    key,
                    token),
                cancellationToken);
            return new PlacedOrder(number, receipt.OrderId, receipt.CorrelationId, order.Lines);
        }
        catch (PipelineClientException failure)
        {
            throw new CliFailure(string.Create(CultureInfo.InvariantCulture,
                $"Order {number} could not be placed. {ClientFailure.TextOf(failure)}"), failure);
        }
    }
}
