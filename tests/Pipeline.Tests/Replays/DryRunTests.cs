using System.Diagnostics.Metrics;
using System.Text;
using System.Text.Json;
using Microsoft.Azure.Cosmos;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Pipeline.AzureFunctions.Consumers;
using Pipeline.BookingApp;
using Pipeline.Client;
using Pipeline.Consumers;
using Pipeline.DeadLetters;
using Pipeline.Decisions;
using Pipeline.Diagnostics;
using Pipeline.Failures;
using Pipeline.Payloads;
using Pipeline.Replay;
using Pipeline.Storage;

namespace Pipeline.Tests;

/// <summary>A dry run says what a replay would do, step by step, and leaves every store as it was.</summary>
public sealed class DryRunTests : IAsyncLifetime
{
    private const string Charger = "bookings/charges";

    private readonly Simulation _simulation = new();
    private readonly FailingGateway _gateway = new(failing: true);
    private SimulatedProcess _process = null!;

    private DryRun DryRun => _process.Services.GetRequiredService<DryRun>();

    public Task InitializeAsync()
    {
        _simulation.Configure = services => services.AddSingleton<IChargeGateway>(p => _gateway.Over(
            new SimulatedChargeGateway(p.GetRequiredService<CosmosClient>().GetContainer(Names.Database, Names.Gateways), _simulation.Clock)));
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
        await FailToChargeAsync("b-1");
        await HandleAsync(Deliveries.Of(new BookingCancelled("b-1", "Changed my mind."), 2), Charger);
        var head = await BlockedAsync("b-1", Charger);
        var calls = _gateway.Calls;

        var view = await RunUnseenAsync("b-1", Charger, head);

        Assert.Equal((0, 2, 0, false, false), (view.Handled, view.Assumed, view.NotReached, view.LimitReached, view.MovedOn));
        var (made, cancelled) = (view.Steps[0], view.Steps[1]);
        Assert.Equal(("assumed", 1L, "assumed", 2L), (made.Outcome, made.Sequence, cancelled.Outcome, cancelled.Sequence));
        var status = Assert.Single(Assert.Single(made.State).Changes, c => c.Path == "/status");
        Assert.Equal(("changed", "open", "charged"), (status.Kind, (string?)status.Old, (string?)status.New));
        Assert.Equal(("charged", "refunded"), StatusOf(cancelled));
        var charged = Assert.Single(made.Messages);
        Assert.Equal(("com.contoso.charges.charge-made.v1", "charges", "b-1", "charges:b-1:1"), (charged.Type, charged.Destination, charged.Key, charged.EventId));
        Assert.Equal(10m, (decimal)charged.Data!["amount"]!);
        Assert.Equal("charges:b-1:2", Assert.Single(cancelled.Messages).EventId);
        var charge = Assert.Single(made.Calls);
        Assert.Equal(("IChargeGateway", "ChargeAsync", AnswerSources.Assumed, 10m), (charge.Gateway, charge.Method, charge.Source, (decimal)charge.Arguments!["amount"]!));
        Assert.Equal("RefundAsync", Assert.Single(cancelled.Calls).Method);
        Assert.Equal(calls, _gateway.Calls);
    }

    [Fact]
    public async Task What_the_gateway_has_on_record_is_what_the_handler_gets()
    {
        await FailToChargeAsync("b-1");
        var real = new SimulatedChargeGateway(_process.Container(Names.Gateways), _simulation.Clock);
        await real.ChargeAsync(Charge.ChargeKey("b-1"), "b-1", SimulatedChargeGateway.DeclinedGuest, 10m, "EUR", default);

        var view = await RunUnseenAsync("b-1", Charger, await BlockedAsync("b-1", Charger));

        var step = Assert.Single(view.Steps);
        Assert.Equal(AnswerSources.OnRecord, Assert.Single(step.Calls).Source);
        Assert.Equal(("open", "failed"), StatusOf(step));
        Assert.Equal("com.contoso.charges.charge-failed.v1", Assert.Single(step.Messages).Type);
    }

    [Fact]
    public async Task What_stands_on_an_assumed_answer_is_assumed_too_even_if_it_asks_no_gateway()
    {
        await FailToChargeAsync("b-1");
        var asks = Consumer.Of(Charger, Names.Charges, Charge.Document)
            .On<BookingMade, IChargeGateway>(async (_, made, context, gateway, cancellationToken) =>
            {
                if (context.Sequence == 1)
                    await gateway.ChargeAsync("k", made.BookingId, "g-1", 1m, "EUR", cancellationToken);
                return Decision<Charge>.Nothing();
            });
        await HandleAsync(Made("b-1", 2), Charger);

        var view = await RunUnseenAsync("b-1", asks, await BlockedAsync("b-1", Charger));

        Assert.Equal(["assumed", "assumed"], view.Steps.Select(s => s.Outcome));
        Assert.Equal([1, 0], view.Steps.Select(s => s.Calls.Count));
        Assert.Equal((0, 2), (view.Handled, view.Assumed));
    }

    [Fact]
    public async Task G6_What_would_fail_again_says_so_and_what_waits_behind_it_is_not_reached()
    {
        const string keys = "bookings/keys";
        await HandleAsync(Made("b-1", 1), keys);
        await HandleAsync(Deliveries.Of(new ChargeMade("b-1", 10m, "EUR"), 1, "charges"), "charges/keys");
        foreach (var record in await Invariants.AllAsync(_process.Container(Names.Gateways), "lock"))
            await _process.Container(Names.Gateways).DeleteItemStreamAsync(record.GetProperty("id").GetString(), new PartitionKey("b-1"));
        await HandleAsync(Deliveries.Of(new BookingCancelled("b-1", "Changed my mind."), 2), keys);
        await HandleAsync(Made("b-1", 3), keys);
        await HandleAsync(Made("b-1", 4), keys);

        var view = await RunUnseenAsync("b-1", keys, await BlockedAsync("b-1", keys));

        var step = Assert.Single(view.Steps);
        Assert.Equal(("failed", DeadLetterReasons.HandlerFailed, 2, 0), (step.Outcome, step.Reason, view.NotReached, view.Handled));
        Assert.Equal("PermanentFailureException", step.Exception!.Type);
        Assert.StartsWith("The lock system has no key 'K-b-1'", step.Exception.Message, StringComparison.Ordinal);
        Assert.Equal(("RevokeAsync", AnswerSources.Failed), (Assert.Single(step.Calls).Method, step.Calls[0].Source));
        Assert.Empty(step.State);
        Assert.Empty(step.Messages);
    }

    [Fact]
    public async Task What_breaks_its_contract_fails_with_the_path()
    {
        var broken = new BookingMade("b-1", "g-1", "EUR", 10m, [new BookedRoom("a", 0, 10m)]);
        await HandleAsync(Deliveries.Of(broken, 1), Charger);

        var step = Assert.Single((await RunUnseenAsync("b-1", Charger, await BlockedAsync("b-1", Charger))).Steps);

        Assert.Equal(("failed", DeadLetterReasons.ContractViolation), (step.Outcome, step.Reason));
        Assert.StartsWith("$.rooms[0].count: 0 is not between 1 and", step.Description, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failure_that_may_pass_is_tried_once_and_told_with_its_exception()
    {
        var calls = 0;
        var consumer = Consumer.Of(Charger, Names.Charges, Charge.Document)
            .On<BookingMade>((_, _, _) => throw new TimeoutException(Invariant($"Call {++calls} timed out.")));
        await FailToChargeAsync("b-1");

        var step = Assert.Single((await RunUnseenAsync("b-1", consumer, await BlockedAsync("b-1", Charger))).Steps);

        Assert.Equal(("failed", "TimeoutException", "Call 1 timed out."), (step.Outcome, step.Exception?.Type, step.Exception?.Message));
    }

    [Fact]
    public async Task A_gateway_without_a_stand_in_makes_the_outcome_unknown_and_is_never_called()
    {
        await FailToChargeAsync("b-1");
        var services = _process.Services;
        var without = new DryRun(services.GetRequiredService<ConsumerServices>(), []);
        _gateway.Lift();
        var calls = _gateway.Calls;

        var view = await without.RunAsync(Store(Charger), ConsumerOf(Charger), new Partition("b-1"), new DeadLetterId(await BlockedAsync("b-1", Charger)), 10, default).AllowedAsync();

        var step = Assert.Single(view.Steps);
        Assert.Equal(("unknown", "It needs the gateway IChargeGateway, which has no dry-run gateway."), (step.Outcome, step.Description));
        Assert.Equal(calls, _gateway.Calls);
    }

    [Fact]
    public void Every_gateway_that_a_consumer_calls_has_a_stand_in()
    {
        var called = App.Definition.Consumers.SelectMany(c => c.Gateways).Distinct().OrderBy(t => t.Name).ToList();
        Assert.Equal(4, called.Count);
        Assert.Equal(called, _process.Services.GetServices<DryRunGateway>().Select(s => s.Gateway).OrderBy(t => t.Name));
    }

    [Fact]
    public async Task An_event_sourced_state_is_shown_folded_with_the_events_that_would_be_appended()
    {
        await _process.BookAsync("1", "g-1", ("a", 1));
        await HandleAsync(Deliveries.Of(new RoomsUnavailable("b-1", ["a"]), 1, "rooms") with { DeliveryCount = 6 }, "rooms/bookings");

        var step = Assert.Single((await RunUnseenAsync("b-1", "rooms/bookings", await BlockedAsync("b-1", "rooms/bookings"))).Steps);

        Assert.Equal("BookingCancelled", (string?)Assert.Single(step.Events)["type"]);
        Assert.Equal(("made", "cancelled"), StatusOf(step));
        Assert.Equal(["com.contoso.bookings.booking-cancelled.v1", "com.contoso.bookings.booking-closed.v1"], step.Messages.Select(m => m.Type));
    }

    [Fact]
    public async Task An_order_free_entry_is_run_by_itself_in_its_partition()
    {
        var consumer = "bookings/statistics";
        var at = new DateTimeOffset(2026, 1, 31, 8, 0, 0, TimeSpan.Zero);
        _simulation.Clock.AdvanceTo(at);
        var completed = new BookingCompleted("b-1", "g-1", "EUR", 30m, [new BookedRoom("a", 1, 10m), new BookedRoom("b", 2, 10m)]);
        await HandleAsync(Deliveries.Of(completed, 1, time: at) with { DeliveryCount = 99 }, consumer);
        var entries = await EntriesAsync(consumer);
        Assert.Equal(2, entries.Count);
        var one = entries.Single(e => e.Partition.Value.EndsWith("-b", StringComparison.Ordinal));

        var view = await RunUnseenAsync(one.Partition.Value, consumer, one.Id.Value);

        var step = Assert.Single(view.Steps);
        Assert.Equal(("handled", 0, one.Partition.Value), (step.Outcome, view.NotReached, Assert.Single(step.State).Partition));
        Assert.Equal(2, (int)Assert.Single(step.State[0].Changes).New!["count"]!);
        Assert.Equal("com.contoso.statistics.figures-changed.v1", Assert.Single(step.Messages).Type);
    }

    [Fact]
    public async Task A_booking_that_would_be_counted_in_a_report_is_shown_with_the_figures_before_and_after()
    {
        const string consumer = "bookings/reports";
        var at = new DateTimeOffset(2026, 1, 31, 8, 0, 0, TimeSpan.Zero);
        _simulation.Clock.AdvanceTo(at);
        var closed = new BookingClosed("b-1", "completed", "EUR", 30m, at);
        await HandleAsync(Deliveries.Of(closed, 3, time: at) with { DeliveryCount = 99 }, consumer);
        var entry = Assert.Single(await EntriesAsync(consumer));
        Assert.Equal("bookings-2026-01-31", entry.Partition.Value);

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
        await FailToChargeAsync("b-1");
        await HandleAsync(Deliveries.Of(new BookingCancelled("b-1", "Changed my mind."), 2), Charger);
        var head = await BlockedAsync("b-1", Charger);
        var follower = (await EntriesAsync(Charger)).Single(e => e.Sequence == 2).Id;

        var waits = await RunAsync("b-1", Charger, follower.Value).RefusedAsync();
        Assert.Contains(head, waits, StringComparison.Ordinal);
        await RunAsync("b-1", Charger, "dl:none").RefusedAsync();
        await RunAsync("b-1", "rooms/charges", head).RefusedAsync();
        _gateway.Lift();
        await HandleAsync(Made("b-1", 1).AsReplayOf(head), Charger);
        await RunAsync("b-1", Charger, head).RefusedAsync();
        await HandleAsync(Deliveries.Of(new BookingCancelled("b-2", "late"), 5), Charger);
        await HandleAsync(Made("b-2", 3), Charger);
        var late = (await EntriesAsync(Charger)).Single(e => e.Reason == DeadLetterReasons.OutOfOrder);
        Assert.Contains("OutOfOrder", await RunAsync("b-2", Charger, late.Id.Value).RefusedAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Steps_and_what_is_shown_are_bounded_with_a_mark()
    {
        await FailToChargeAsync("b-1");
        for (var sequence = 2; sequence <= 6; sequence++)
            await HandleAsync(Made("b-1", sequence), Charger);

        var verbose = Consumer.Of(Charger, Names.Charges, Charge.Document)
            .On<BookingMade>((_, made, _) => Decision<Charge>.Save(new Charge { BookingId = made.BookingId, Currency = new string('x', 20_000) }));
        var view = await DryRun.RunAsync(Store(Charger), verbose, new Partition("b-1"), new DeadLetterId(await BlockedAsync("b-1", Charger)), 2, default).AllowedAsync();

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
        await FailToChargeAsync("b-1");

        var message = Assert.Single(Assert.Single((await RunUnseenAsync("b-1", Charger, await BlockedAsync("b-1", Charger))).Steps).Messages);

        Assert.Null(message.Data);
        Assert.StartsWith(InMemoryPayloads.Address, message.DataRef, StringComparison.Ordinal);
        Assert.Empty(_simulation.Payloads.Names);
    }

    [Fact]
    public async Task A_dry_run_counts_as_nothing_and_traces_nothing()
    {
        const string name = "bookings/dry-run-metrics";
        var consumer = Consumer.Of(name, Names.Charges, Charge.Document)
            .On<BookingMade>((_, made, _) => made.GuestId == "bad" ? throw new PermanentFailureException("bad") : Decision.Of(made));
        var runner = new ConsumerRunner(
            consumer, Store(Charger), _process.Services.GetRequiredService<ConsumerServices>() with { Breakers = null }, NullLogger<ConsumerRunner>.Instance);
        await runner.HandleAsync(Made("b-1", 1) with { DeliveryCount = 9 }, default);
        await runner.HandleAsync(Deliveries.Of(new BookingMade("b-1", "bad", "EUR", 1m, [new BookedRoom("a", 1, 1m)]), 2), default);
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

        var view = await DryRun.RunAsync(Store(Charger), consumer, new Partition("b-1"), new DeadLetterId(await BlockedAsync("b-1", name)), 10, default).AllowedAsync();

        Assert.Equal(["handled", "failed"], view.Steps.Select(s => s.Outcome));
        Assert.Empty(counted);
        await runner.HandleAsync(Made("b-1", 1).AsReplayOf(view.Steps[0].Entry), default);
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
        var type = TestedApp.Messages.Of(new BookingCancelled("b-1", "r"));
        var body = $$"""{"specversion":"1.0","id":"x","source":"bookings","type":"{{type.Name}}","subject":"b-1","sequence":"1","partitionkey":"b-1","dataref":"{{InMemoryPayloads.Address}}/bookings/b-1/1/x"}""";
        await HandleAsync(new ReceivedMessage { Body = Encoding.UTF8.GetBytes(body), SessionId = "b-1", MessageId = "x", DeliveryCount = 9 }, Charger);
        var head = await BlockedAsync("b-1", Charger);
        Assert.Equal(DeadLetterReasons.PayloadMissing, Assert.Single((await RunAsync("b-1", Charger, head).AllowedAsync()).Steps).Reason);
        _simulation.Payloads.IsDown = true;

        var failure = await Assert.ThrowsAsync<StoreUnavailableException>(() => RunAsync("b-1", Charger, head));

        Assert.Contains("payload store is down", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_subject_that_is_written_meanwhile_is_decided_anew_and_said_to_have_moved_on()
    {
        await FailToChargeAsync("b-1");
        var decided = new List<bool>();
        var consumer = Consumer.Of(Charger, Names.Charges, Charge.Document).On<BookingMade, IChargeGateway>(async (charge, made, _, _, _) =>
        {
            decided.Add(charge!.GuestId is null);
            if (decided.Count == 1)
                await HandleAsync(Deliveries.Of(new RoomsReserved("b-1"), 2, "rooms"), "rooms/charges");
            return Decision.Of(made);
        });

        var view = await DryRun.RunAsync(Store(Charger), consumer, new Partition("b-1"), new DeadLetterId(await BlockedAsync("b-1", Charger)), 10, default).AllowedAsync();

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

    private static Consumer ConsumerOf(string name) => App.Definition.Consumers.Single(c => c.Name == name);

    private CosmosPartitionStore Store(string consumer) => _process.Store(ConsumerOf(consumer).Service);

    private async Task FailToChargeAsync(string booking)
    {
        await HandleAsync(Deliveries.Of(new RoomsReserved(booking), 1, "rooms"), "rooms/charges");
        Assert.Equal(SettlementKind.DeadLetter, (await HandleAsync(Deliveries.Of(new BookingMade(booking, "g-1", "EUR", 10m, [new BookedRoom("a", 1, 10m)]), 1), Charger)).Kind);
    }

    private static ReceivedMessage Made(string booking, long sequence) =>
        Deliveries.Of(new BookingMade(booking, "g-1", "EUR", 10m, [new BookedRoom("a", 1, 10m)]), sequence);

    private Task<Settlement> HandleAsync(ReceivedMessage delivery, string consumer) =>
        _process.Services.GetRequiredService<ConsumerRunners>().RunnerOf(consumer).HandleAsync(delivery, default);

    private async Task<string> BlockedAsync(string partition, string consumer)
    {
        var service = App.Definition.Consumers.FirstOrDefault(c => c.Name == consumer)?.Service ?? Names.Charges;
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
        public static Decision<Charge> Of(BookingMade made) =>
            Decision<Charge>.Save(new Charge { BookingId = made.BookingId }).Publish(new ChargeFailed(made.BookingId, "never"));
    }
}
