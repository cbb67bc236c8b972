using Microsoft.Extensions.DependencyInjection;
using Pipeline.Commands;
using Pipeline.Consumers;
using Pipeline.Contracts.Inventory;
using Pipeline.Contracts.Notifications;
using Pipeline.Contracts.Ordering;
using Pipeline.Functions;
using Pipeline.Services.Analytics;
using Pipeline.Services.Inventory;
using Pipeline.Services.Notifications;
using Pipeline.Services.Ordering;

namespace Pipeline.Tests.TestingPackage;

/// <summary>What the app of invoices does not have: Event Grid, queues, consumers without sessions, older versions, large data.</summary>
public sealed class SampleSimulationTests
{
    private static readonly OrderLine Line = new("a", 1, 10m);

    [Fact]
    public async Task An_event_is_delivered_to_a_consumer_by_Event_Grid()
    {
        await using var pipeline = Create();

        var delivered = await pipeline.DeliverAsync(CustomerNotices.Notify, new OrderPlaced("o-1", "c-1", "EUR", 10m, [Line]));
        await pipeline.DeliverAgainAsync(delivered);
        await pipeline.RunUntilQuietAsync();

        Assert.Equal(SettlementKind.Complete, delivered.Kind);
        Assert.Equal(delivered.Id, Assert.Single(pipeline.Published<NotificationSent>()).CausationId);
    }

    [Fact]
    public async Task An_event_is_delivered_to_a_consumer_without_sessions()
    {
        await using var pipeline = Create();

        var delivered = await pipeline.DeliverAsync(Sales.OnOrdering, new OrderCompleted("o-1", "c-1", "EUR", 10m, [Line]));
        await pipeline.DeliverAgainAsync(delivered);
        await pipeline.RunUntilQuietAsync();

        Assert.Equal(SettlementKind.Complete, delivered.Kind);
        Assert.Equal(1, (await pipeline.StateAsync(Sales.Document, "analytics", "sales-20260101-a")).Orders);
    }

    [Fact]
    public async Task A_command_is_delivered_by_its_queue()
    {
        await using var pipeline = Create();

        var delivered = await pipeline.DeliverAsync(SkuStock.Commands, new ReserveStock("a", "o-1", 1));
        await pipeline.RunUntilQuietAsync();

        Assert.Null(delivered.Sequence);
        var reply = Assert.Single(pipeline.Published<StockRefused>());
        Assert.Equal(("reservations", delivered.Id), (reply.Destination, reply.CausationId));
        Assert.Null(reply.Sequence);
    }

    [Fact]
    public async Task Data_that_is_too_large_for_its_message_is_read_where_it_is()
    {
        await using var pipeline = Create();
        var order = new PlaceOrder { CustomerId = "c-1", Currency = "EUR", Lines = [new PlaceOrderLine { Sku = "a", Quantity = 1, UnitPrice = 10m }], Note = new string('x', 300_000) };

        await pipeline.Services.GetRequiredService<CommandRunner<Order>>().RunAsync(
            new HttpCommand { Partition = "o-1", IdempotencyKey = "1", RequestHash = "", Type = "PlaceOrder" }, (state, _) => OrderDecisions.Place(state, order, "o-1"), default);
        await pipeline.RunUntilQuietAsync();

        Assert.Equal(300_000, Assert.Single(pipeline.Published<OrderPlacedV2>()).Data.Note!.Length);
        Assert.Equal("o-1", Assert.Single(pipeline.Published<OrderPlaced>()).Subject);
    }

    private static PipelineSimulation Create() => PipelineSimulation.Create(Sample.Definition, options =>
    {
        options.Configure = Sample.Configure;
        options.Services = services => services.AddSingleton<Pipeline.Services.Reporting.ISalesSource, StoredSales>();
    });
}
