using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Pipeline.AzureFunctions.Consumers;
using Pipeline.AzureFunctions.Http;
using Pipeline.Commands;
using Pipeline.Consumers;
using Pipeline.Contracts;
using Pipeline.Contracts.Inventory;
using Pipeline.Contracts.Ordering;
using Pipeline.Functions;
using Pipeline.Replay;
using Pipeline.Services;
using Pipeline.Services.Ordering;
using Pipeline.Services.Reporting;

namespace Pipeline.Tests.ContractRules;

/// <summary>Golden events: the stored samples of every version ever published, through upcasters, into every consumer that is alive.</summary>
public sealed class GoldenEventTests
{
    public static TheoryData<string, string, string> Replays
    {
        get
        {
            var data = new TheoryData<string, string, string>();
            foreach (var sample in Sample.All)
            {
                foreach (var consumer in Catalog.Consumers.Where(c => Takes(c, sample.Contract)))
                    data.Add(sample.Contract.Type, sample.Name, consumer.Name);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Replays))]
    public async Task A_stored_event_of_any_version_is_handled_by_every_live_consumer(string type, string name, string consumerName)
    {
        var sample = Sample.All.Single(s => s.Contract.Type == type && s.Name == name);
        Assert.Null(sample.Contract.TryRead(JsonSerializer.SerializeToUtf8Bytes(sample.Data), out var data));
        await using var simulation = new Simulation { Configure = services => services.AddSingleton<ISalesSource>(new CurrentSales()) };
        if (sample.Event.TryGetProperty("time", out var time))
            simulation.Clock.AdvanceTo(time.GetDateTimeOffset());
        await using var process = simulation.Start();
        var consumer = Catalog.Consumers.Single(c => c.Name == consumerName);
        await PrepareAsync(process, consumerName, data!);
        var container = process.Container(consumer.Service);
        var before = (await Invariants.AllAsync(container, "inbox")).Count;

        var standIns = new DryRunGateways(process.Services.GetServices<DryRunGateway>(), process.Services, new GatewayLog());
        var runner = new ConsumerRunner(
            consumer,
            process.Store(consumer.Service),
            process.Services.GetRequiredService<ConsumerServices>() with
            {
                Options = new ConsumerOptions { InboxTimeToLive = TimeSpan.FromDays(3650) },
                Gateways = standIns,
                Breakers = null,
            },
            NullLogger<ConsumerRunner>.Instance);
        var settlement = await runner.HandleAsync(
            new ReceivedMessage
            {
                Body = sample.Bytes,
                SessionId = sample.Contract.KeyOf(data!),
                MessageId = sample.Event.GetProperty("id").GetString(),
                DeliveryCount = 1,
            },
            default);

        Assert.True(settlement.Kind == SettlementKind.Complete, $"{settlement.Kind} {settlement.Reason}: {settlement.Description}");
        Assert.Empty(await Invariants.AllAsync(container, "deadletter"));
        Assert.True((await Invariants.AllAsync(container, "inbox")).Count > before, "It was completed, but not handled.");
    }

    [Fact]
    public void Old_versions_are_among_them_and_lifted()
    {
        var old = ContractCatalog.All.Where(c => c.Upcast is not null).ToList();
        Assert.NotEmpty(old);
        foreach (var contract in old)
            Assert.Contains(Catalog.Consumers, c => Takes(c, contract) && !c.CanHandle(contract.DataType));
    }

    private static bool Takes(Consumer consumer, Contract contract) => HandledVersions.Of(consumer, TestedApp.Messages, TestedApp.Messages.Find(contract.Type)!) is not null;

    /// <summary>What has to have happened before, so that the event makes sense.</summary>
    private static async Task PrepareAsync(SimulatedProcess process, string consumer, object data)
    {
        switch (consumer)
        {
            case "inventory/ordering" or "payments/ordering" or "shipping/ordering":
                var orderId = Of(data, "OrderId");
                await process.Orders.RunAsync(
                    new HttpCommand { Partition = orderId, IdempotencyKey = "golden", RequestHash = "", Type = "PlaceOrder" },
                    (order, _) => OrderDecisions.Place(
                        order, new PlaceOrder { CustomerId = "c-1", Currency = "EUR", Lines = [new PlaceOrderLine { Sku = "a", Quantity = 1, UnitPrice = 1m }] }, orderId),
                    default);
                break;
            case "reservations":
                await HandleAsync(process, "ordering/inventory", Deliveries.Of(
                    new OrderPlacedV2(Of(data, "OrderId"), "c-1", new Amount(1m, "EUR"), [new OrderLineV2(Of(data, "Sku"), 1, new Amount(1m, "EUR"))]), 1));
                break;
            case "stock":
                await process.SetStockAsync(Of(data, "Sku"), 1_000_000);
                if (data is ReleaseStock release)
                    await HandleAsync(process, "stock", Deliveries.Of(new ReserveStock(release.Sku, release.OrderId, release.Quantity), source: "inventory"));
                break;
        }
    }

    private static string Of(object data, string field) => (string)data.GetType().GetProperty(field)!.GetValue(data)!;

    private static async Task HandleAsync(SimulatedProcess process, string consumer, ReceivedMessage delivery) =>
        Assert.Equal(SettlementKind.Complete, (await process.Services.GetRequiredService<ConsumerRunners>().RunnerOf(consumer).HandleAsync(delivery, default)).Kind);

    private sealed class CurrentSales : ISalesSource
    {
        public Task<SalesFigures> GetAsync(string link, CancellationToken cancellationToken)
        {
            var parts = link.Split('/');
            return Task.FromResult(new SalesFigures(parts[2], parts[3], 1, 1, new Dictionary<string, decimal>(), long.MaxValue));
        }
    }
}
