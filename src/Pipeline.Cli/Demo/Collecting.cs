using Pipeline.Cli.Sample;
using Pipeline.Client;

namespace Pipeline.Cli.Demo;

/// <summary>Reads the raw data of a run, after waiting for the work that follows cancellations.</summary>
internal sealed class Collecting(PipelineClient client, TransientRetry retry, TimeProvider clock, DemoSettings settings)
{
    private const int Concurrency = 16;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan UnpublishedStandsStill = TimeSpan.FromSeconds(3);

    public async Task<Evidence> RunAsync(
        IReadOnlyList<PlacedOrder> placed,
        IReadOnlyDictionary<string, long> reservedBefore,
        DateTimeOffset started,
        CancellationToken cancellationToken)
    {
        await WaitPublishedAsync(cancellationToken);
        var evidence = new Evidence { Placed = placed, ReservedBefore = reservedBefore };
        var stocking = new Stocking(client, retry, new DemoPlan(settings.Orders, settings.RunId));
        await ReadOrdersAsync(evidence, placed.Select(order => order.OrderId), cancellationToken);
        evidence.ReservedAfter = await stocking.ReservedAsync(cancellationToken);
        await WaitSettledAsync(evidence, stocking, cancellationToken);

        var handled = client.Monitoring.ListHandledAsync(retry, cancellationToken);
        await foreach (var entry in handled)
            evidence.Add(entry, started);

        var firstPlaced = evidence.Orders.Values.Select(order => order.History is [var first, ..] ? first.Time : (DateTimeOffset?)null).Min() ?? started;
        evidence.Replayed = await CountDeadLettersAsync("closed", firstPlaced, cancellationToken);
        evidence.DeadLettered = evidence.Replayed + await CountDeadLettersAsync("open", firstPlaced, cancellationToken);
        return evidence;
    }

    /// <summary>An order is final before its last messages are published; waits for them while there is progress.</summary>
    private async Task WaitPublishedAsync(CancellationToken cancellationToken)
    {
        var last = long.MaxValue;
        var lastChange = clock.GetTimestamp();
        while (true)
        {
            var status = await retry.RetryAsync(
                token => client.Monitoring.GetStatusAsync(token), cancellationToken);
            if (status.Unpublished == 0)
                return;
            if (status.Unpublished != last)
                (last, lastChange) = (status.Unpublished, clock.GetTimestamp());
            if (clock.GetElapsedTime(lastChange) >= UnpublishedStandsStill)
                return;

            await Task.Delay(Pause, clock, cancellationToken);
        }
    }

    private async Task WaitSettledAsync(Evidence evidence, Stocking stocking, CancellationToken cancellationToken)
    {
        var lastChange = clock.GetTimestamp();
        var last = Checks.Unsettled(evidence);
        while (!last.IsSettled && clock.GetElapsedTime(lastChange) < settings.SettleFor)
        {
            await Task.Delay(Pause, clock, cancellationToken);
            await ReadOrdersAsync(evidence, last.OrderIds, cancellationToken);
            evidence.ReservedAfter = await stocking.ReservedAsync(cancellationToken);
            var now = Checks.Unsettled(evidence);
            if (!now.Equals(last))
                lastChange = clock.GetTimestamp();

            last = now;
        }
    }

    private async Task ReadOrdersAsync(Evidence evidence, IEnumerable<string> orderIds, CancellationToken cancellationToken)
    {
        var options = new ParallelOptions { MaxDegreeOfParallelism = Concurrency, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(orderIds, options, async (id, token) =>
        {
            var order = await retry.RetryAsync(
                inner => client.FindAsync(PipelineClient.Path("orders", id), SampleJson.Default.Order, inner), token);
            if (order is not null)
                evidence.Orders[id] = order;

            var payment = await retry.RetryAsync(
                inner => client.FindAsync(PipelineClient.Path("payments", id), SampleJson.Default.Payment, inner), token);
            if (payment is not null)
                evidence.Payments[id] = payment;

            var shipment = await retry.RetryAsync(
                inner => client.FindAsync(PipelineClient.Path("shipments", id), SampleJson.Default.Shipment, inner), token);
            if (shipment is not null)
                evidence.Shipments[id] = shipment;
        });
    }

    private async Task<int> CountDeadLettersAsync(string status, DateTimeOffset since, CancellationToken cancellationToken)
    {
        var count = 0;
        await foreach (var entry in client.DeadLetters.ListAsync(new DeadLetterQuery { Status = status }, limit: 500, retry, cancellationToken))
        {
            if (entry.CreatedAt >= since)
                count++;
        }

        return count;
    }
}
