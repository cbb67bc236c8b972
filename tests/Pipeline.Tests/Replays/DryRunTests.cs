using System.Diagnostics.Metrics;
using System.Text;
using System.Text.Json;
using Microsoft.Azure.Cosmos;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Pipeline.AzureFunctions.Consumers;
using Pipeline.Client;
using Pipeline.Consumers;
using Pipeline.Contracts.Inventory;
using Pipeline.Contracts.Ordering;
using Pipeline.Contracts.Payments;
using Pipeline.DeadLetters;
using Pipeline.Decisions;
using Pipeline.Diagnostics;
using Pipeline.Failures;
using Pipeline.Functions;
using Pipeline.Functions.Gateways;
using Pipeline.Payloads;
using Pipeline.Replay;
using Pipeline.Services;
using Pipeline.Services.Payments;
using Pipeline.Storage;

namespace Pipeline.Tests;

/// <summary>A dry run says what a replay would do, step by step, and leaves every store as it was.</summary>
public sealed class DryRunTests : IAsyncLifetime
{
    private const string Payer = "ordering/payments";

    private readonly Simulation _simulation = new();
    private readonly FailingGateway _gateway = new(failing: true);
    private SimulatedProcess _process = null!;

    private DryRun DryRun => _process.Services.GetRequiredService<DryRun>();

    public Task InitializeAsync()
    {
        _simulation.Configure = services => services.AddSingleton<IPaymentGateway>(p => _gateway.Over(
            new SimulatedPaymentGateway(p.GetRequiredService<CosmosClient>().GetContainer(Names.Database, Names.Gateways), _simulation.Clock)));
        _process = _simulation.Start();
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        await _process.DisposeAsync();
        await _simulation.DisposeAsync();
    }

    [Fact]
    public async Task G6_A_subject_that_would_succeed_is_shown_step_by_step_on_the_state_that_the_steps_before_leave()
    {
        await FailToPayAsync("o-1");
        await HandleAsync(Deliveries.Of(new OrderCancelled("o-1", "Changed my mind."), 2), Payer);
        var head = await BlockedAsync("o-1", Payer);
        var calls = _gateway.Calls;

        var view = await RunUnseenAsync("o-1", Payer, head);

        Assert.Equal((0, 2, 0, false, false), (view.Handled, view.Assumed, view.NotReached, view.LimitReached, view.MovedOn));
        var (placed, cancelled) = (view.Steps[0], view.Steps[1]);
        Assert.Equal(("assumed", 1L, "assumed", 2L), (placed.Outcome, placed.Sequence, cancelled.Outcome, cancelled.Sequence));
        var status = Assert.Single(Assert.Single(placed.State).Changes, c => c.Path == "/status");
        Assert.Equal(("changed", "open", "charged"), (status.Kind, (string?)status.Old, (string?)status.New));
        Assert.Equal(("charged", "refunded"), StatusOf(cancelled));
        var charged = Assert.Single(placed.Messages);
        Assert.Equal(("com.contoso.payments.payment-charged.v1", "payments", "o-1", "payments:o-1:1"), (charged.Type, charged.Destination, charged.Key, charged.EventId));
        Assert.Equal(10m, (decimal)charged.Data!["amount"]!);
        Assert.Equal("payments:o-1:2", Assert.Single(cancelled.Messages).EventId);
        var charge = Assert.Single(placed.Calls);
        Assert.Equal(("IPaymentGateway", "ChargeAsync", AnswerSources.Assumed, 10m), (charge.Gateway, charge.Method, charge.Source, (decimal)charge.Arguments!["amount"]!));
        Assert.Equal("RefundAsync", Assert.Single(cancelled.Calls).Method);
        Assert.Equal(calls, _gateway.Calls);
    }

    [Fact]
    public async Task What_the_gateway_has_on_record_is_what_the_handler_gets()
    {
        await FailToPayAsync("o-1");
        var real = new SimulatedPaymentGateway(_process.Container(Names.Gateways), _simulation.Clock);
        await real.ChargeAsync(Payment.ChargeKey("o-1"), "o-1", SimulatedPaymentGateway.DeclinedCustomer, 10m, "EUR", default);

        var view = await RunUnseenAsync("o-1", Payer, await BlockedAsync("o-1", Payer));

        var step = Assert.Single(view.Steps);
        Assert.Equal(AnswerSources.OnRecord, Assert.Single(step.Calls).Source);
        Assert.Equal(("open", "failed"), StatusOf(step));
        Assert.Equal("com.contoso.payments.payment-failed.v1", Assert.Single(step.Messages).Type);
    }

    [Fact]
    public async Task What_stands_on_an_assumed_answer_is_assumed_too_even_if_it_asks_no_gateway()
    {
        await FailToPayAsync("o-1");
        var asks = Consumer.Of(Payer, Names.Payments, Payment.Document)
            .On<OrderPlaced, IPaymentGateway>(async (_, placed, context, gateway, cancellationToken) =>
            {
                if (context.Sequence == 1)
                    await gateway.ChargeAsync("k", placed.OrderId, "c-1", 1m, "EUR", cancellationToken);
                return Decision<Payment>.Nothing();
            });
        await HandleAsync(Placed("o-1", 2), Payer);

        var view = await RunUnseenAsync("o-1", asks, await BlockedAsync("o-1", Payer));

        Assert.Equal(["assumed", "assumed"], view.Steps.Select(s => s.Outcome));
        Assert.Equal([1, 0], view.Steps.Select(s => s.Calls.Count));
        Assert.Equal((0, 2), (view.Handled, view.Assumed));
    }

    [Fact]
    public async Task G6_What_would_fail_again_says_so_and_what_waits_behind_it_is_not_reached()
    {
        const string shipper = "ordering/shipping";
        await HandleAsync(Placed("o-1", 1), shipper);
        await HandleAsync(Deliveries.Of(new PaymentCharged("o-1", 10m, "EUR"), 1, "payments"), "payments/shipping");
        foreach (var record in await Invariants.AllAsync(_process.Container(Names.Gateways), "carrier"))
            await _process.Container(Names.Gateways).DeleteItemStreamAsync(record.GetProperty("id").GetString(), new PartitionKey("o-1"));
        await HandleAsync(Deliveries.Of(new OrderCancelled("o-1", "Changed my mind."), 2), shipper);
        await HandleAsync(Placed("o-1", 3), shipper);
        await HandleAsync(Placed("o-1", 4), shipper);

        var view = await RunUnseenAsync("o-1", shipper, await BlockedAsync("o-1", shipper));

        var step = Assert.Single(view.Steps);
        Assert.Equal(("failed", DeadLetterReasons.HandlerFailed, 2, 0), (step.Outcome, step.Reason, view.NotReached, view.Handled));
        Assert.Equal("PermanentFailureException", step.Exception!.Type);
        Assert.StartsWith("The carrier has no parcel 'SP", step.Exception.Message, StringComparison.Ordinal);
        Assert.Equal(("RecallAsync", AnswerSources.Failed), (Assert.Single(step.Calls).Method, step.Calls[0].Source));
        Assert.Empty(step.State);
        Assert.Empty(step.Messages);
    }

    [Fact]
    public async Task What_breaks_its_contract_fails_with_the_path()
    {
        var broken = new OrderPlaced("o-1", "c-1", "EUR", 10m, [new OrderLine("a", 0, 10m)]);
        await HandleAsync(Deliveries.Of(broken, 1), Payer);

        var step = Assert.Single((await RunUnseenAsync("o-1", Payer, await BlockedAsync("o-1", Payer))).Steps);

        Assert.Equal(("failed", DeadLetterReasons.ContractViolation), (step.Outcome, step.Reason));
        Assert.StartsWith("$.lines[0].quantity: 0 is not between 1 and", step.Description, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failure_that_may_pass_is_tried_once_and_told_with_its_exception()
    {
        var calls = 0;
        var consumer = Consumer.Of(Payer, Names.Payments, Payment.Document)
            .On<OrderPlaced>((_, _, _) => throw new TimeoutException(Invariant($"Call {++calls} timed out.")));
        await FailToPayAsync("o-1");

        var step = Assert.Single((await RunUnseenAsync("o-1", consumer, await BlockedAsync("o-1", Payer))).Steps);

        Assert.Equal(("failed", "TimeoutException", "Call 1 timed out."), (step.Outcome, step.Exception?.Type, step.Exception?.Message));
    }

    [Fact]
    public async Task A_gateway_without_a_stand_in_makes_the_outcome_unknown_and_is_never_called()
    {
        await FailToPayAsync("o-1");
        var services = _process.Services;
        var without = new DryRun(services.GetRequiredService<ConsumerServices>(), []);
        _gateway.Lift();
        var calls = _gateway.Calls;

        var view = await without.RunAsync(Store(Payer), ConsumerOf(Payer), new Partition("o-1"), new DeadLetterId(await BlockedAsync("o-1", Payer)), 10, default).AllowedAsync();

        var step = Assert.Single(view.Steps);
        Assert.Equal(("unknown", "It needs the gateway IPaymentGateway, which has no dry-run gateway."), (step.Outcome, step.Description));
        Assert.Equal(calls, _gateway.Calls);
    }

    [Fact]
    public void Every_gateway_that_a_consumer_calls_has_a_stand_in()
    {
        var called = Catalog.Consumers.SelectMany(c => c.Gateways).Distinct().OrderBy(t => t.Name).ToList();
        Assert.Equal(4, called.Count);
        Assert.Equal(called, _process.Services.GetServices<DryRunGateway>().Select(s => s.Gateway).OrderBy(t => t.Name));
    }

    [Fact]
    public async Task An_event_sourced_state_is_shown_folded_with_the_events_that_would_be_appended()
    {
        await _process.PlaceAsync("1", "c-1", ("a", 1));
        await HandleAsync(Deliveries.Of(new StockInsufficient("o-1", ["a"]), 1, "inventory") with { DeliveryCount = 6 }, "inventory/ordering");

        var step = Assert.Single((await RunUnseenAsync("o-1", "inventory/ordering", await BlockedAsync("o-1", "inventory/ordering"))).Steps);

        Assert.Equal("OrderCancelled", (string?)Assert.Single(step.Events)["type"]);
        Assert.Equal(("placed", "cancelled"), StatusOf(step));
        Assert.Equal(["com.contoso.ordering.order-cancelled.v1", "com.contoso.ordering.order-closed.v1"], step.Messages.Select(m => m.Type));
    }

    [Fact]
    public async Task An_order_free_entry_is_run_by_itself_in_its_partition()
    {
        var consumer = "ordering/analytics";
        var at = new DateTimeOffset(2026, 1, 31, 8, 0, 0, TimeSpan.Zero);
        _simulation.Clock.AdvanceTo(at);
        var completed = new OrderCompleted("o-1", "c-1", "EUR", 30m, [new OrderLine("a", 1, 10m), new OrderLine("b", 2, 10m)]);
        await HandleAsync(Deliveries.Of(completed, 1, time: at) with { DeliveryCount = 99 }, consumer);
        var entries = await EntriesAsync(consumer);
        Assert.Equal(2, entries.Count);
        var one = entries.Single(e => e.Partition.Value.EndsWith("-b", StringComparison.Ordinal));

        var view = await RunUnseenAsync(one.Partition.Value, consumer, one.Id.Value);

        var step = Assert.Single(view.Steps);
        Assert.Equal(("handled", 0, one.Partition.Value), (step.Outcome, view.NotReached, Assert.Single(step.State).Partition));
        Assert.Equal(2, (int)Assert.Single(step.State[0].Changes).New!["quantity"]!);
        Assert.Equal("com.contoso.analytics.sales-updated.v1", Assert.Single(step.Messages).Type);
    }

    [Fact]
    public async Task An_order_that_would_be_counted_in_a_report_is_shown_with_the_figures_before_and_after()
    {
        const string consumer = "ordering/reporting";
        var at = new DateTimeOffset(2026, 1, 31, 8, 0, 0, TimeSpan.Zero);
        _simulation.Clock.AdvanceTo(at);
        var closed = new OrderClosed("o-1", "completed", "EUR", 30m, 2, 3, at - TimeSpan.FromMinutes(1), at);
        await HandleAsync(Deliveries.Of(closed, 3, time: at) with { DeliveryCount = 99 }, consumer);
        var entry = Assert.Single(await EntriesAsync(consumer));
        Assert.StartsWith("orders-2026-01-31-", entry.Partition.Value, StringComparison.Ordinal);

        var step = Assert.Single((await RunUnseenAsync(entry.Partition.Value, consumer, entry.Id.Value)).Steps);

        Assert.Equal("handled", step.Outcome);
        var change = Assert.Single(Assert.Single(step.State).Changes);
        Assert.Null(change.Old);
        Assert.Equal((1, 30m), ((int)change.New!["completed"]!, (decimal)change.New["revenue"]!["EUR"]!));
        Assert.Empty(step.Messages);
    }

    [Fact]
    public async Task What_a_replay_would_not_send_is_refused()
    {
        await FailToPayAsync("o-1");
        await HandleAsync(Deliveries.Of(new OrderCancelled("o-1", "Changed my mind."), 2), Payer);
        var head = await BlockedAsync("o-1", Payer);
        var follower = (await EntriesAsync(Payer)).Single(e => e.Sequence == 2).Id;

        var waits = await RunAsync("o-1", Payer, follower.Value).RefusedAsync();
        Assert.Contains(head, waits, StringComparison.Ordinal);
        await RunAsync("o-1", Payer, "dl:none").RefusedAsync();
        await RunAsync("o-1", "inventory/payments", head).RefusedAsync();
        _gateway.Lift();
        await HandleAsync(Placed("o-1", 1).AsReplayOf(head), Payer);
        await RunAsync("o-1", Payer, head).RefusedAsync();
        await HandleAsync(Deliveries.Of(new OrderCancelled("o-2", "late"), 5), Payer);
        await HandleAsync(Placed("o-2", 3), Payer);
        var late = (await EntriesAsync(Payer)).Single(e => e.Reason == DeadLetterReasons.OutOfOrder);
        Assert.Contains("OutOfOrder", await RunAsync("o-2", Payer, late.Id.Value).RefusedAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Steps_and_what_is_shown_are_bounded_with_a_mark()
    {
        await FailToPayAsync("o-1");
        for (var sequence = 2; sequence <= 6; sequence++)
            await HandleAsync(Placed("o-1", sequence), Payer);

        var verbose = Consumer.Of(Payer, Names.Payments, Payment.Document)
            .On<OrderPlaced>((_, placed, _) => Decision<Payment>.Save(new Payment { OrderId = placed.OrderId, Currency = new string('x', 20_000) }));
        var view = await DryRun.RunAsync(Store(Payer), verbose, new Partition("o-1"), new DeadLetterId(await BlockedAsync("o-1", Payer)), 2, default).AllowedAsync();

        Assert.Equal((2, 4, true), (view.Steps.Count, view.NotReached, view.LimitReached));
        var currency = Assert.Single(view.Steps[0].State[0].Changes, c => c.Path == "/currency").New!;
        Assert.Equal(20_002, (int)currency["characters"]!);
        Assert.True(currency.ToJsonString().Length < 1000);
    }

    [Fact]
    public async Task Data_that_is_too_large_for_its_message_is_not_stored()
    {
        await _process.DisposeAsync();
        _simulation.Configure += services => services.AddSingleton(new PayloadOptions { MaxInlineBytes = 0 });
        _process = _simulation.Start();
        await FailToPayAsync("o-1");

        var message = Assert.Single(Assert.Single((await RunUnseenAsync("o-1", Payer, await BlockedAsync("o-1", Payer))).Steps).Messages);

        Assert.Null(message.Data);
        Assert.StartsWith(InMemoryPayloads.Address, message.DataRef, StringComparison.Ordinal);
        Assert.Empty(_simulation.Payloads.Names);
    }

    [Fact]
    public async Task A_dry_run_counts_as_nothing_and_traces_nothing()
    {
        const string name = "ordering/dry-run-metrics";
        var consumer = Consumer.Of(name, Names.Payments, Payment.Document)
            .On<OrderPlaced>((_, placed, _) => placed.CustomerId == "bad" ? throw new PermanentFailureException("bad") : Decision.Of(placed));
        var runner = new ConsumerRunner(
            consumer, Store(Payer), _process.Services.GetRequiredService<ConsumerServices>() with { Breakers = null }, NullLogger<ConsumerRunner>.Instance);
        await runner.HandleAsync(Placed("o-1", 1) with { DeliveryCount = 9 }, default);
        await runner.HandleAsync(Deliveries.Of(new OrderPlaced("o-1", "bad", "EUR", 1m, [new OrderLine("a", 1, 1m)]), 2), default);
        var counted = new List<string>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, l) => l.EnableMeasurementEvents(instrument);
        listener.SetMeasurementEventCallback<long>((instrument, _, tags, _) => Note(instrument, tags));
        listener.SetMeasurementEventCallback<double>((instrument, _, tags, _) => Note(instrument, tags));
        listener.Start();
        using var activities = new System.Diagnostics.ActivityListener
        {
            ShouldListenTo = source => source.Name == Telemetry.Name,
            Sample = (ref System.Diagnostics.ActivityCreationOptions<System.Diagnostics.ActivityContext> options) =>
                options.Name.Contains(name, StringComparison.Ordinal) ? System.Diagnostics.ActivitySamplingResult.AllData : System.Diagnostics.ActivitySamplingResult.None,
            ActivityStarted = activity =>
            {
                if (activity.OperationName.Contains(name, StringComparison.Ordinal))
                    counted.Add(activity.OperationName);
            },
        };
        System.Diagnostics.ActivitySource.AddActivityListener(activities);

        var view = await DryRun.RunAsync(Store(Payer), consumer, new Partition("o-1"), new DeadLetterId(await BlockedAsync("o-1", name)), 10, default).AllowedAsync();

        Assert.Equal(["handled", "failed"], view.Steps.Select(s => s.Outcome));
        Assert.Empty(counted);
        await runner.HandleAsync(Placed("o-1", 1).AsReplayOf(view.Steps[0].Entry), default);
        Assert.Contains("pipeline.messages.handled", counted);

        void Note(Instrument instrument, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            foreach (var tag in tags)
            {
                if (tag.Value is name)
                    counted.Add(instrument.Name);
            }
        }
    }

    [Fact]
    public async Task A_store_out_of_reach_is_said_and_not_taken_for_an_outcome()
    {
        await _process.DisposeAsync();
        _simulation.Configure += services => services.AddSingleton(new PayloadOptions { MaxInlineBytes = 0 });
        _process = _simulation.Start();
        var type = SampleMessages.All.Of(new OrderCancelled("o-1", "r"));
        var body = $$"""{"specversion":"1.0","id":"x","source":"ordering","type":"{{type.Name}}","subject":"o-1","sequence":"1","partitionkey":"o-1","dataref":"{{InMemoryPayloads.Address}}/ordering/o-1/1/x"}""";
        await HandleAsync(new ReceivedMessage { Body = Encoding.UTF8.GetBytes(body), SessionId = "o-1", MessageId = "x", DeliveryCount = 9 }, Payer);
        var head = await BlockedAsync("o-1", Payer);
        Assert.Equal(DeadLetterReasons.PayloadMissing, Assert.Single((await RunAsync("o-1", Payer, head).AllowedAsync()).Steps).Reason);
        _simulation.Payloads.IsDown = true;

        var failure = await Assert.ThrowsAsync<StoreUnavailableException>(() => RunAsync("o-1", Payer, head));

        Assert.Contains("payload store is down", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_subject_that_is_written_meanwhile_is_decided_anew_and_said_to_have_moved_on()
    {
        await FailToPayAsync("o-1");
        var decided = new List<bool>();
        var consumer = Consumer.Of(Payer, Names.Payments, Payment.Document).On<OrderPlaced, IPaymentGateway>(async (payment, placed, _, _, _) =>
        {
            decided.Add(payment!.CustomerId is null);
            if (decided.Count == 1)
                await HandleAsync(Deliveries.Of(new StockReserved("o-1"), 2, "inventory"), "inventory/payments");
            return Decision.Of(placed);
        });

        var view = await DryRun.RunAsync(Store(Payer), consumer, new Partition("o-1"), new DeadLetterId(await BlockedAsync("o-1", Payer)), 10, default).AllowedAsync();

        // Its commit found another head than it was decided on, as a real one would.
        Assert.Equal((2, true, "handled"), (decided.Count, view.MovedOn, Assert.Single(view.Steps).Outcome));
    }

    private static (string? Old, string? New) StatusOf(DryRunStep step)
    {
        var change = Assert.Single(Assert.Single(step.State).Changes, c => c.Path == "/status");
        return ((string?)change.Old, (string?)change.New);
    }

    /// <summary>Runs it and compares all stores before and after.</summary>
    private Task<DryRunDetails> RunUnseenAsync(string partition, string consumer, string entry) => RunUnseenAsync(partition, ConsumerOf(consumer), entry);

    private async Task<DryRunDetails> RunUnseenAsync(string partition, Consumer consumer, string entry)
    {
        var before = await StoreSnapshot.TakeAsync(_simulation, _process);
        var view = await DryRun.RunAsync(_process.Store(consumer.Service), consumer, new Partition(partition), new DeadLetterId(entry), DryRun.DefaultSteps, default).AllowedAsync();
        Assert.Equal(before, await StoreSnapshot.TakeAsync(_simulation, _process));
        Assert.NotNull(JsonSerializer.Serialize(view));
        return view;
    }

    private Task<Refusable<DryRunDetails>> RunAsync(string partition, string consumer, string entry) =>
        DryRun.RunAsync(Store(consumer), ConsumerOf(consumer), new Partition(partition), new DeadLetterId(entry), DryRun.DefaultSteps, default);

    private static Consumer ConsumerOf(string name) => Catalog.Consumers.Single(c => c.Name == name);

    private CosmosPartitionStore Store(string consumer) => _process.Store(ConsumerOf(consumer).Service);

    private async Task FailToPayAsync(string order)
    {
        await HandleAsync(Deliveries.Of(new StockReserved(order), 1, "inventory"), "inventory/payments");
        Assert.Equal(SettlementKind.DeadLetter, (await HandleAsync(Deliveries.Of(new OrderPlaced(order, "c-1", "EUR", 10m, [new OrderLine("a", 1, 10m)]), 1), Payer)).Kind);
    }

    private static ReceivedMessage Placed(string order, long sequence) =>
        Deliveries.Of(new OrderPlaced(order, "c-1", "EUR", 10m, [new OrderLine("a", 1, 10m)]), sequence);

    private Task<Settlement> HandleAsync(ReceivedMessage delivery, string consumer) =>
        _process.Services.GetRequiredService<ConsumerRunners>().RunnerOf(consumer).HandleAsync(delivery, default);

    private async Task<string> BlockedAsync(string partition, string consumer)
    {
        var service = Catalog.Consumers.FirstOrDefault(c => c.Name == consumer)?.Service ?? Names.Payments;
        using var read = await _process.Store(service).ReadAsync(new Partition(partition), _ => [], default);
        return read.Head.PositionOf(new ConsumerName(consumer)).Blocked!.Value.Value;
    }

    private async Task<List<DeadLetter>> EntriesAsync(string consumer) =>
    [
        .. (await Invariants.AllAsync(_process.Container(ConsumerOf(consumer).Service), RecordKinds.DeadLetter))
            .Select(e => e.Deserialize(DeadLetterJson.Default.DeadLetter)!)
            .Where(e => e.Consumer.Value == consumer),
    ];

    private static class Decision
    {
        public static Decision<Payment> Of(OrderPlaced placed) =>
            Decision<Payment>.Save(new Payment { OrderId = placed.OrderId }).Publish(new PaymentFailed(placed.OrderId, "never"));
    }
}
