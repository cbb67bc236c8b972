using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Pipeline.AzureFunctions.Configuration;
using Pipeline.AzureFunctions.Consumers;
using Pipeline.Consumers;
using Pipeline.Contracts;
using Pipeline.Contracts.Analytics;
using Pipeline.Contracts.Inventory;
using Pipeline.Contracts.Ordering;
using Pipeline.Contracts.Payments;
using Pipeline.Failures;
using Pipeline.Functions;
using Pipeline.Functions.Gateways;
using Pipeline.Services.Ordering;
using Pipeline.Services.Reporting;

namespace Pipeline.Tests.ContractRules;

/// <summary>Each kind of event has a real use in the life of an order, as its kind says.</summary>
public sealed class KindTests
{
    [Fact]
    public async Task Notification_Reporting_fetches_the_current_state_by_the_link_once_for_several_announcements()
    {
        var sales = new Figures();
        await using var simulation = new Simulation { Configure = services => services.AddSingleton<ISalesSource>(sales) };
        await using var process = simulation.Start();
        Assert.Equal(ContractKind.Notification, ContractCatalog.Find("com.contoso.analytics.sales-updated.v1")!.Kind);
        foreach (var number in new[] { 1, 2 })
        {
            var announced = Deliveries.Of(new SalesUpdated("2026-01-01", "a", "api/sales/2026-01-01/a"), number, "analytics", simulation.Clock.GetUtcNow());
            Assert.Equal(SettlementKind.Complete, (await HandleAsync(process, "analytics/reporting", announced)).Kind);
        }

        // When the first announcement came, the figures were those of the second already.
        Assert.Equal(["api/sales/2026-01-01/a"], sales.Asked);
        var report = Assert.Single(await Invariants.AllAsync(process.Container(Names.Reporting), "state"));
        Assert.Equal(2, report.GetProperty("data").GetProperty("articles").GetProperty("a").GetProperty("asOf").GetInt32());
    }

    [Fact]
    public async Task Notification_The_link_is_followed_with_the_callers_key_and_to_nowhere_else()
    {
        var seen = new List<(string Address, string? Key)>();
        var status = HttpStatusCode.OK;
        using var http = new HttpClient(new Answering(request =>
        {
            seen.Add((request.RequestUri!.AbsoluteUri, request.Headers.TryGetValues("x-functions-key", out var keys) ? keys.Single() : null));
            return new HttpResponseMessage(status) { Content = new StringContent("""{"day":"2026-01-01","sku":"a","orders":1,"quantity":2,"revenue":{"EUR":3},"asOf":4}""", System.Text.Encoding.UTF8, "application/json") };
        }));
        var source = new HttpSalesSource(http, () => new Uri("https://analytics.example/"), "the-key");

        Assert.Equal((2, 4), ((int)(await source.GetAsync("api/sales/2026-01-01/a", default)).Quantity, (int)(await source.GetAsync("api/sales/2026-01-01/a", default)).AsOf));
        Assert.All(seen, s => Assert.Equal(("https://analytics.example/api/sales/2026-01-01/a", "the-key"), s));
        var before = seen.Count;
        await Assert.ThrowsAsync<PermanentFailureException>(() => source.GetAsync("https://elsewhere.example/api/sales/2026-01-01/a", default));
        Assert.Equal(before, seen.Count);
        status = HttpStatusCode.Unauthorized;
        await Assert.ThrowsAsync<PermanentFailureException>(() => source.GetAsync("api/sales/2026-01-01/a", default));
    }

    [Fact]
    public async Task State_transfer_Payments_and_Shipping_go_on_from_their_own_copies_while_Ordering_is_down()
    {
        await using var simulation = new Simulation();
        Assert.Equal(ContractKind.StateTransfer, ContractCatalog.Find("com.contoso.ordering.order-placed.v2")!.Kind);
        var placed = new OrderPlacedV2("o-1", "c-1", new Amount(21m, "EUR"), [new OrderLineV2("a", 2, new Amount(10.5m, "EUR"))]);
        await using (var process = simulation.Start())
        {
            Assert.Equal(SettlementKind.Complete, (await HandleAsync(process, "ordering/payments", Deliveries.Of(placed, 1))).Kind);
            Assert.Equal(SettlementKind.Complete, (await HandleAsync(process, "ordering/shipping", Deliveries.Of(OrderPlacedVersions.Downcast(placed), 1))).Kind);
        }

        // From here on nothing of Ordering can be reached.
        simulation.Configure = services => services.AddHttpClient(PipelineNames.Cosmos).AddHttpMessageHandler(() => new Without("/colls/" + Names.Ordering));
        await using var later = simulation.Start();
        Assert.Equal(SettlementKind.Complete, (await HandleAsync(later, "inventory/payments", Deliveries.Of(new StockReserved("o-1"), 1, "inventory"))).Kind);
        Assert.Equal(SettlementKind.Complete, (await HandleAsync(later, "payments/shipping", Deliveries.Of(new PaymentCharged("o-1", 21m, "EUR"), 1, "payments"))).Kind);

        var payment = Assert.Single(await Invariants.AllAsync(later.Container(Names.Payments), "state")).GetProperty("data");
        Assert.Equal(("charged", 21m), (payment.GetProperty("status").GetString(), payment.GetProperty("amount").GetDecimal()));
        var shipment = Assert.Single(await Invariants.AllAsync(later.Container(Names.Shipping), "state")).GetProperty("data");
        Assert.Equal(("shipped", 2), (shipment.GetProperty("status").GetString(), shipment.GetProperty("items")[0].GetProperty("quantity").GetInt32()));
    }

    [Fact]
    public async Task Domain_event_What_happened_to_an_order_stays_inside_and_what_it_means_to_others_is_published()
    {
        await using var simulation = new Simulation();
        await using var process = simulation.Start();
        await process.PlaceAsync("1", "c-1", ("a", 1));
        await process.CancelAsync("o-1");
        Assert.Equal(["OrderPlaced", "OrderCancelled"], (await Invariants.AllAsync(process.Container(Names.Ordering), "event"))
            .OrderBy(e => e.GetProperty("id").GetString(), StringComparer.Ordinal).Select(e => e.GetProperty("data").GetProperty("type").GetString()));
        var published = (await Invariants.AllAsync(process.Container(Names.Ordering), "outbox"))
            .SelectMany(r => r.GetProperty("messages").EnumerateArray()).Select(m => m.GetProperty("event").GetProperty("type").GetString()!).ToList();
        Assert.Equal(ContractKind.DomainEvent, ContractCatalog.Find(Assert.Single(published, t => t.Contains("cancelled", StringComparison.Ordinal)))!.Kind);
        Assert.DoesNotContain(ContractCatalog.All, c => typeof(OrderEvent).IsAssignableFrom(c.DataType));
    }

    private static Task<Settlement> HandleAsync(SimulatedProcess process, string consumer, ReceivedMessage delivery) =>
        process.Services.GetRequiredService<ConsumerRunners>().RunnerOf(consumer).HandleAsync(delivery, default);

    private sealed class Figures : ISalesSource
    {
        public List<string> Asked { get; } = [];

        public Task<SalesFigures> GetAsync(string link, CancellationToken cancellationToken)
        {
            Asked.Add(link);
            return Task.FromResult(new SalesFigures("2026-01-01", "a", 2, 3, new Dictionary<string, decimal> { ["EUR"] = 30m }, 2));
        }
    }

    private sealed class Answering(Func<HttpRequestMessage, HttpResponseMessage> answer) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => Task.FromResult(answer(request));
    }

    private sealed class Without(string path) : DelegatingHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            request.RequestUri!.AbsolutePath.Contains(path, StringComparison.Ordinal) ? throw new HttpRequestException("Ordering is down.") : base.SendAsync(request, cancellationToken);
    }
}
