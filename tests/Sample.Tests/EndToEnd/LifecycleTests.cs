using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Pipeline.AzureFunctions.Http;
using Pipeline.Functions;
using Pipeline.Functions.Gateways;
using Pipeline.Services.Shipping;
using Xunit.Abstractions;

namespace Pipeline.Tests;

/// <summary>The whole life of an order, with everything that can become of it, at once.</summary>
public sealed class LifecycleTests(ITestOutputHelper output)
{
    private const int Orders = 1000;

    [Fact]
    public async Task G2_G3_G4_A_thousand_orders_of_every_outcome_end_with_stock_money_parcels_and_reports_adding_up()
    {
        RunningPipeline pipeline = null!;
        var cancelBefore = new HashSet<string>(StringComparer.Ordinal);
        var cancelAfter = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < Orders; i++)
        {
            if (i % 40 == 17)
                cancelBefore.Add(OrderIdOf(i));
            if (i % 40 == 37)
                cancelAfter.Add(OrderIdOf(i));
        }

        // Two moments that chance would hardly ever hit: while the carrier is being asked, and right after it said yes.
        await using (pipeline = await RunningPipeline.StartAsync(services => services.AddSingleton<ICarrierGateway>(p => new InterruptedCarrier(
            new SimulatedCarrierGateway(
                p.GetRequiredService<Microsoft.Azure.Cosmos.CosmosClient>().GetContainer(Names.Database, Names.Gateways),
                p.GetRequiredService<CarrierFaults>(), TimeProvider.System))
        {
            BeforeBooking = id => cancelBefore.Contains(id) ? CancelAsync(pipeline, id, HttpStatusCode.Accepted) : Task.CompletedTask,
            AfterBooking = id => cancelAfter.Contains(id) ? CancelAsync(pipeline, id, HttpStatusCode.Accepted) : Task.CompletedTask,
        })))
        {
            foreach (var (sku, onHand) in RunningPipeline.InitialStock)
                await pipeline.Http.SetStockAsync(sku, onHand);
            var random = new Random(20261122);
            var pauses = Enumerable.Range(0, Orders).Select(_ => random.Next(0, 4000)).ToArray();
            var orders = new string[Orders];
            var whims = new List<Task>();
            await Parallel.ForAsync(0, Orders, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (i, _) =>
            {
                orders[i] = await pipeline.Http.PlaceAsync(KeyOf(i), CustomerOf(i), (i % 20 == 9 ? "scarce" : "a", 1 + (i % 3)), (i % 2 == 0 ? "b" : "c", 1));
                if (i % 10 != 3)
                    return;
                lock (whims)
                    whims.Add(CancelLaterAsync(pipeline, orders[i], pauses[i]));
            });
            Assert.Equal(OrderIdOf(0), orders[0]);
            await Task.WhenAll(whims);

            await pipeline.SettleAndCheckAsync(orders);
            await AssertEveryOutcomeAsync(pipeline, cancelBefore, cancelAfter);

            // A flow is looked up among all that was handled, so that of a thousand only some are: those that are cut short, and of the others one in seven.
            var problems = await FlowChecks.ProblemsAsync(pipeline.Http, orders.Where((id, i) => i % 7 == 1 || cancelBefore.Contains(id) || cancelAfter.Contains(id)));
            problems.AddRange(await FlowChecks.ReportProblemsAsync(pipeline.Http, orders));
            Assert.True(problems.Count == 0, string.Join('\n', problems.Take(20)));
        }
    }

    /// <summary>That all kinds of outcome were there, so that the invariants were about something.</summary>
    private async Task AssertEveryOutcomeAsync(RunningPipeline pipeline, HashSet<string> cancelBefore, HashSet<string> cancelAfter)
    {
        var ends = (await Invariants.AllAsync(pipeline.Container(Names.Ordering), "event"))
            .Select(e => e.GetProperty("data"))
            .Where(e => e.GetProperty("type").GetString() is "OrderCompleted" or "OrderCancelled")
            .CountBy(e => e.TryGetProperty("reason", out var reason) ? reason.GetString()! : "completed")
            .ToDictionary(StringComparer.Ordinal);
        var shipments = (await Invariants.AllAsync(pipeline.Container(Names.Shipping), "state"))
            .ToDictionary(s => s.GetProperty("pk").GetString()!, s => s.GetProperty("data").GetProperty("status").GetString()!);
        foreach (var (end, count) in ends.Concat(shipments.CountBy(s => $"shipment {s.Value}")))
            output.WriteLine(Invariant($"{count,5} {end}"));
        foreach (var end in new[] { "completed", "The payment was declined.", "Out of stock: scarce.", "The parcel cannot be delivered.", "Cancelled by the customer." })
            Assert.True(ends.GetValueOrDefault(end) > 0, $"No order ended like this: {end}");
        Assert.All(cancelBefore.Concat(cancelAfter), id => Assert.Equal("recalled", shipments[id]));
    }

    private static string KeyOf(int i) => Invariant($"life-{i}");

    private static string OrderIdOf(int i) => Requests.DeriveId(new Microsoft.AspNetCore.Http.DefaultHttpContext().Request, "o-", KeyOf(i));

    private static string CustomerOf(int i) => (i % 20) switch
    {
        5 => "customer-declined",
        15 => SimulatedCarrierGateway.UnreachableCustomer,
        _ => Invariant($"c-{i}"),
    };

    private static async Task CancelLaterAsync(RunningPipeline pipeline, string orderId, int milliseconds)
    {
        await Task.Delay(milliseconds);
        await CancelAsync(pipeline, orderId, HttpStatusCode.Accepted, HttpStatusCode.Conflict);
    }

    private static async Task CancelAsync(RunningPipeline pipeline, string orderId, params HttpStatusCode[] allowed)
    {
        using var response = await pipeline.Http.PostAsync($"api/orders/{orderId}/cancel", null);
        Assert.Contains(response.StatusCode, allowed);
    }

    /// <summary>A carrier that lets something happen right before or right after it takes a parcel.</summary>
    private sealed class InterruptedCarrier(ICarrierGateway inner) : ICarrierGateway
    {
        public required Func<string, Task> BeforeBooking { get; init; }

        public required Func<string, Task> AfterBooking { get; init; }

        public async Task<CarrierBooking> BookAsync(
            string key, string orderId, string customerId, IReadOnlyList<ParcelItem> items, CancellationToken cancellationToken)
        {
            await BeforeBooking(orderId);
            var booking = await inner.BookAsync(key, orderId, customerId, items, cancellationToken);
            await AfterBooking(orderId);
            return booking;
        }

        public Task<CarrierRecall> RecallAsync(string key, string orderId, string trackingNumber, CancellationToken cancellationToken) =>
            inner.RecallAsync(key, orderId, trackingNumber, cancellationToken);

        public Task<CarrierBooking?> FindAsync(string key, string orderId, CancellationToken cancellationToken) =>
            inner.FindAsync(key, orderId, cancellationToken);

        public Task<CarrierRecords> ListAsync(string orderId, CancellationToken cancellationToken) => inner.ListAsync(orderId, cancellationToken);
    }
}
