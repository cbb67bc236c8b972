using System.Text.Json;
using Microsoft.Azure.Cosmos;
using Microsoft.Extensions.DependencyInjection;
using Pipeline.AzureFunctions.Consumers;
using Pipeline.Client;
using Pipeline.Consumers;
using Pipeline.Contracts.Inventory;
using Pipeline.Contracts.Ordering;
using Pipeline.Contracts.Payments;
using Pipeline.DeadLetters;
using Pipeline.Failures;
using Pipeline.Functions;
using Pipeline.Functions.Gateways;
using Pipeline.Replay;
using Pipeline.Services;
using Pipeline.Services.Payments;
using Pipeline.Storage;

namespace Pipeline.Tests;

/// <summary>What takes the place of the sample's gateways in a dry run: it moves no money and no parcel, and answers with what was done before.</summary>
public sealed class DryRunGatewayTests : IAsyncLifetime
{
    private const string Payer = "ordering/payments";
    private const string Shipper = "ordering/shipping";
    private static readonly OrderPlaced Placed = new("o-1", "c-1", "EUR", 10m, [new OrderLine("a", 1, 10m)]);
    private static readonly OrderCancelled Cancelled = new("o-1", "Changed my mind.");

    private readonly Simulation _simulation = new();
    private SimulatedProcess _process = null!;

    public Task InitializeAsync()
    {
        _process = _simulation.Start();
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        await _process.DisposeAsync();
        await _simulation.DisposeAsync();
    }

    [Fact]
    public void Every_gateway_that_a_consumer_calls_has_a_stand_in()
    {
        var called = Catalog.Consumers.SelectMany(c => c.Gateways).Distinct().OrderBy(t => t.Name).ToList();
        Assert.Equal(4, called.Count);
        Assert.Equal(called, _process.Services.GetServices<DryRunGateway>().Select(s => s.Gateway).OrderBy(t => t.Name));
    }

    [Fact]
    public async Task A_charge_and_its_refund_are_assumed_and_no_money_moves()
    {
        await HandleAsync("inventory/payments", Deliveries.Of(new StockReserved("o-1"), 1, "inventory"));
        await GiveUpAsync(Payer, Deliveries.Of(Placed, 1));
        await HandleAsync(Payer, Deliveries.Of(Cancelled, 2));

        var view = await RunAsync(Payer);

        Assert.Equal([("ChargeAsync", AnswerSources.Assumed), ("RefundAsync", AnswerSources.Assumed)], CallsOf(view));
        Assert.Equal(["com.contoso.payments.payment-charged.v1", "com.contoso.payments.payment-refunded.v1"], view.Steps.Select(s => Assert.Single(s.Messages).Type));
        Assert.Empty(await Invariants.AllAsync(_process.Container(Names.Gateways), null));
    }

    [Fact]
    public async Task A_charge_that_is_on_record_is_answered_with_that()
    {
        await HandleAsync("inventory/payments", Deliveries.Of(new StockReserved("o-1"), 1, "inventory"));
        await GiveUpAsync(Payer, Deliveries.Of(Placed, 1));
        var real = new SimulatedPaymentGateway(_process.Container(Names.Gateways), _simulation.Clock);
        await real.ChargeAsync(Payment.ChargeKey("o-1"), "o-1", SimulatedPaymentGateway.DeclinedCustomer, 10m, "EUR", default);

        var view = await RunAsync(Payer);

        Assert.Equal([("ChargeAsync", AnswerSources.OnRecord)], CallsOf(view));
        Assert.Equal("com.contoso.payments.payment-failed.v1", Assert.Single(Assert.Single(view.Steps).Messages).Type);
    }

    [Fact]
    public async Task A_parcel_and_its_recall_are_assumed_and_none_is_booked()
    {
        await HandleAsync("payments/shipping", Deliveries.Of(new PaymentCharged("o-1", 10m, "EUR"), 1, "payments"));
        await GiveUpAsync(Shipper, Deliveries.Of(Placed, 1));
        await HandleAsync(Shipper, Deliveries.Of(Cancelled, 2));

        var view = await RunAsync(Shipper);

        Assert.Equal([("BookAsync", AnswerSources.Assumed), ("RecallAsync", AnswerSources.Assumed)], CallsOf(view));
        Assert.Equal(["com.contoso.shipping.order-shipped.v1", "com.contoso.shipping.shipment-recalled.v1"], view.Steps.Select(s => Assert.Single(s.Messages).Type));
        Assert.Empty(await Invariants.AllAsync(_process.Container(Names.Gateways), null));
    }

    [Fact]
    public async Task A_recall_of_a_parcel_that_the_carrier_does_not_have_fails_as_it_would()
    {
        await HandleAsync(Shipper, Deliveries.Of(Placed, 1));
        await HandleAsync("payments/shipping", Deliveries.Of(new PaymentCharged("o-1", 10m, "EUR"), 1, "payments"));
        foreach (var record in await Invariants.AllAsync(_process.Container(Names.Gateways), "carrier"))
            await _process.Container(Names.Gateways).DeleteItemStreamAsync(record.GetProperty("id").GetString(), new PartitionKey("o-1"));
        Assert.Equal(SettlementKind.DeadLetter, (await HandleAsync(Shipper, Deliveries.Of(Cancelled, 2))).Kind);

        var view = await RunAsync(Shipper);

        var step = Assert.Single(view.Steps);
        Assert.Equal(("failed", DeadLetterReasons.HandlerFailed), (step.Outcome, step.Reason));
        Assert.StartsWith("The carrier has no parcel 'SP", step.Exception!.Message, StringComparison.Ordinal);
        Assert.Equal([("RecallAsync", AnswerSources.Failed)], CallsOf(view));
    }

    [Fact]
    public async Task An_email_is_assumed_and_none_is_sent()
    {
        await HandleAsync(Names.Notify, Deliveries.Of(Placed, 1, time: _simulation.Clock.GetUtcNow()) with { DeliveryCount = 99 });

        var view = await RunAsync(Names.Notify);

        Assert.Equal([("SendAsync", AnswerSources.Assumed)], CallsOf(view));
        Assert.Empty(await Invariants.AllAsync(_process.Container(Names.Gateways), null));
    }

    [Fact]
    public async Task An_order_that_would_be_counted_in_a_report_is_shown_with_the_figures_before_and_after()
    {
        var at = new DateTimeOffset(2026, 1, 31, 8, 0, 0, TimeSpan.Zero);
        _simulation.Clock.AdvanceTo(at);
        var closed = new OrderClosed("o-1", "completed", "EUR", 30m, 2, 3, at - TimeSpan.FromMinutes(1), at);
        await HandleAsync("ordering/reporting", Deliveries.Of(closed, 3, time: at) with { DeliveryCount = 99 });

        var step = Assert.Single((await RunAsync("ordering/reporting")).Steps);

        Assert.Equal("handled", step.Outcome);
        Assert.StartsWith("orders-2026-01-31-", Assert.Single(step.State).Partition, StringComparison.Ordinal);
        var change = Assert.Single(step.State[0].Changes);
        Assert.Null(change.Old);
        Assert.Equal((1, 30m), ((int)change.New!["completed"]!, (decimal)change.New["revenue"]!["EUR"]!));
        Assert.Empty(step.Messages);
    }

    private static IEnumerable<(string Method, string Source)> CallsOf(DryRunDetails view) => view.Steps.SelectMany(s => s.Calls).Select(c => (c.Method, c.Source));

    /// <summary>As after too many deliveries: it would be handled if it were tried.</summary>
    private async Task GiveUpAsync(string consumer, ReceivedMessage delivery) =>
        Assert.Equal(SettlementKind.DeadLetter, (await HandleAsync(consumer, delivery with { DeliveryCount = 6 })).Kind);

    private Task<Settlement> HandleAsync(string consumer, ReceivedMessage delivery) =>
        _process.Services.GetRequiredService<ConsumerRunners>().RunnerOf(consumer).HandleAsync(delivery, default);

    /// <summary>Runs what the consumer has first in line, and compares all stores before and after.</summary>
    private async Task<DryRunDetails> RunAsync(string name)
    {
        var consumer = Catalog.Consumers.Single(c => c.Name == name);
        var first = (await Invariants.AllAsync(_process.Container(consumer.Service), RecordKinds.DeadLetter))
            .Select(e => e.Deserialize(DeadLetterJson.Default.DeadLetter)!).Where(e => e.Consumer.Value == name).OrderBy(e => e.Sequence).First();
        var before = await StoreSnapshot.TakeAsync(_simulation, _process);
        var view = await _process.Services.GetRequiredService<DryRun>()
            .RunAsync(_process.Store(consumer.Service), consumer, first.Partition, first.Id, DryRun.DefaultSteps, default).AllowedAsync();
        Assert.Equal(before, await StoreSnapshot.TakeAsync(_simulation, _process));
        return view;
    }
}
