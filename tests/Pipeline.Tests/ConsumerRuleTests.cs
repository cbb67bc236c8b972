using Microsoft.Azure.Cosmos;
using Microsoft.Extensions.DependencyInjection;
using Pipeline.AzureFunctions.Consumers;
using Pipeline.BookingApp;
using Pipeline.Client;
using Pipeline.Consumers;
using Pipeline.DeadLetters;
using Pipeline.Failures;
using Pipeline.Storage;

namespace Pipeline.Tests;

/// <summary>The numbered rules of a consumer (docs/guide/guarantees.md), each on its own: one delivery in, a settlement out, and what was written.</summary>
public sealed class ConsumerRuleTests : IAsyncLifetime
{
    private const string Consumer = "bookings/charges";

    private readonly Simulation _simulation = new();
    private readonly FailingGateway _gateway;
    private Func<string, bool> _failsFor = _ => true;
    private SimulatedProcess _process = null!;

    private static BookingMade Made => new("b-1", "g-1", "EUR", 10m, [new BookedRoom("a", 1, 10m)]);

    private static BookingCancelled Cancelled => new("b-1", "Changed my mind.");

    private Container Charges => _process.Container(Names.Charges);

    public ConsumerRuleTests() => _gateway = new FailingGateway(failing: false, booking => _failsFor(booking));

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
    public async Task G1_A_handling_writes_state_inbox_record_and_head_together()
    {
        Assert.Equal(SettlementKind.Complete, (await HandleAsync(Deliveries.Of(Made, 1))).Kind);

        var inbox = Assert.Single(await Invariants.AllAsync(Charges, RecordKinds.Inbox));
        Assert.Equal("in:bookings~1charges:bookings:b-1:1", inbox.GetProperty("id").GetString());
        Assert.Equal("flow-1", inbox.GetProperty("correlationId").GetString());
        Assert.True(inbox.GetProperty("ttl").GetInt32() > 0);
        Assert.Single(await Invariants.AllAsync(Charges, RecordKinds.State));
        var head = await HeadAsync();
        Assert.Equal(1, head.PositionOf(new ConsumerName(Consumer)).Handled["bookings"]);
        Assert.Equal(1, head.Commits);
    }

    [Fact]
    public async Task G4_Rule1_A_duplicate_is_completed_and_the_handler_does_not_run()
    {
        await HandleAsync(Deliveries.Of(new RoomsReserved("b-1"), 3, "rooms"), "rooms/charges");
        await HandleAsync(Deliveries.Of(Made, 1));
        Assert.Equal(1, _gateway.Calls);
        var before = await HeadAsync();

        Assert.Equal(SettlementKind.Complete, (await HandleAsync(Deliveries.Of(Made, 1, id: "another-version"))).Kind);

        Assert.Equal(1, _gateway.Calls);
        Assert.Equal(before.ETag, (await HeadAsync()).ETag);
    }

    [Fact]
    public async Task G4_Rule1_A_repeated_command_is_completed_and_the_handler_does_not_run()
    {
        await _process.SetRoomsAsync("a", 10);
        var command = Deliveries.Of(new ReserveRoom("a", "b-1", 4), source: "rooms", time: _simulation.Clock.GetUtcNow());
        await HandleAsync(command, "vacancies");
        Assert.Equal(SettlementKind.Complete, (await HandleAsync(command, "vacancies")).Kind);

        Assert.Equal(4, (await _process.Vacancies.ReadAsync("room-a", default)).State!.Reserved);
    }

    [Fact]
    public async Task Rule1_A_message_with_an_open_entry_is_dead_lettered_again_and_nothing_is_written()
    {
        await FailAsync();
        var before = await HeadAsync();

        _gateway.Lift();
        Assert.Equal(SettlementKind.DeadLetter, (await HandleAsync(Deliveries.Of(Made, 1))).Kind);

        Assert.Equal(before.ETag, (await HeadAsync()).ETag);
        Assert.Single(await EntriesAsync());
    }

    [Fact]
    public async Task Rule2_A_fact_below_the_last_one_handled_without_inbox_record_goes_to_the_ledger_and_blocks_nothing()
    {
        await HandleAsync(Deliveries.Of(Made, 1));
        await HandleAsync(Deliveries.Of(Cancelled, 2));
        await Charges.DeleteItemStreamAsync("in:bookings~1charges:bookings:b-1:1", new PartitionKey("b-1"));

        var settlement = await HandleAsync(Deliveries.Of(Made, 1));

        Assert.Equal((SettlementKind.DeadLetter, DeadLetterReasons.OutOfOrder), (settlement.Kind, settlement.Reason));
        var entry = Assert.Single(await EntriesAsync());
        Assert.False(entry.InOrder);
        var position = (await HeadAsync()).PositionOf(new ConsumerName(Consumer));
        Assert.Equal((null, 0, 2L), (position.Blocked, position.Open, position.Handled["bookings"]));
    }

    [Fact]
    public async Task Rule2_A_command_older_than_the_inbox_goes_to_the_ledger_as_expired()
    {
        await _process.SetRoomsAsync("a", 10);
        var sent = _simulation.Clock.GetUtcNow();
        _simulation.Clock.Advance(TimeSpan.FromDays(31));

        var settlement = await HandleAsync(Deliveries.Of(new ReserveRoom("a", "b-1", 4), source: "rooms", time: sent), "vacancies");

        Assert.Equal((SettlementKind.DeadLetter, DeadLetterReasons.Expired), (settlement.Kind, settlement.Reason));
        Assert.Equal(0, (await _process.Vacancies.ReadAsync("room-a", default)).State!.Reserved);
    }

    [Fact]
    public async Task G3_Rule3_What_follows_a_blocked_message_waits_behind_it()
    {
        await FailAsync();

        var settlement = await HandleAsync(Deliveries.Of(Cancelled, 2));

        Assert.Equal((SettlementKind.DeadLetter, DeadLetterReasons.BlockedByPredecessor), (settlement.Kind, settlement.Reason));
        var position = (await HeadAsync()).PositionOf(new ConsumerName(Consumer));
        Assert.Equal(2, position.Open);
        Assert.EndsWith(":b-1:1", position.Blocked?.Value);
        Assert.False(position.Handled.ContainsKey("bookings"));
    }

    [Fact]
    public async Task G5_Another_subject_of_the_same_consumer_goes_on_through_the_gateway_that_the_blocked_one_fails_at()
    {
        _failsFor = booking => booking == "b-1";
        await FailAsync();
        var failed = Assert.Single(await EntriesAsync());
        _gateway.IsPermanent = false; // Only failures that may pass count for the breaker.

        // Both need the gateway, in turn, and nearly all calls fail: neither its breaker nor the block may reach the others.
        for (var i = 2; i <= 9; i++)
        {
            for (var attempt = (i - 2) * 6; attempt < (i - 1) * 6; attempt++)
            {
                await HandleAsync(Deliveries.Of(Made, 1).AsReplayOf(failed.Id.Value, attempt));
                Assert.Equal(attempt + 1, (await EntriesAsync()).Single().Attempt);
            }

            var other = string.Create(CultureInfo.InvariantCulture, $"b-{i}");
            await HandleAsync(Deliveries.Of(new RoomsReserved(other), 3, "rooms"), "rooms/charges");
            Assert.Equal(SettlementKind.Complete, (await HandleAsync(Deliveries.Of(Made with { BookingId = other }, 1))).Kind);

            using var read = await _process.Store(Names.Charges).ReadAsync(new Partition(other), _ => [], default);
            Assert.Equal((1, 0, null), (read.Head.PositionOf(new ConsumerName(Consumer)).Handled["bookings"], read.Head.PositionOf(new ConsumerName(Consumer)).Entries, read.Head.PositionOf(new ConsumerName(Consumer)).Blocked));
        }

        var charged = (await Invariants.AllAsync(_process.Container(Names.Gateways), null)).Select(t => t.GetProperty("id").GetString()!);
        Assert.Equal(Enumerable.Range(2, 8).Select(i => string.Create(CultureInfo.InvariantCulture, $"charge-b-{i}")).Order(StringComparer.Ordinal), charged.Order(StringComparer.Ordinal));
        Assert.Equal((failed.Id, 1), Blocked(await HeadAsync()));
    }

    [Fact]
    public async Task Rule3_A_replay_of_an_entry_that_is_not_the_blocked_head_is_not_handled()
    {
        await FailAsync();
        await HandleAsync(Deliveries.Of(Cancelled, 2));
        var waiting = (await EntriesAsync()).Single(e => e.Sequence == 2);
        var calls = _gateway.Calls;
        _gateway.Lift();

        Assert.Equal(SettlementKind.Complete, (await HandleAsync(Deliveries.Of(Cancelled, 2).AsReplayOf(waiting.Id.Value))).Kind);

        var entry = (await EntriesAsync()).Single(e => e.Sequence == 2);
        Assert.Equal((true, 1, calls), (entry.Open, entry.Attempt, _gateway.Calls));
    }

    [Fact]
    public async Task G3_G6_Replays_lift_the_block_only_when_nothing_is_left_open()
    {
        await FailAsync();
        await HandleAsync(Deliveries.Of(Cancelled, 2));
        _gateway.Lift();
        var first = (await EntriesAsync()).Single(e => e.Sequence == 1);
        var second = (await EntriesAsync()).Single(e => e.Sequence == 2);

        Assert.Equal(SettlementKind.Complete, (await HandleAsync(Deliveries.Of(Made, 1).AsReplayOf(first.Id.Value))).Kind);
        Assert.Equal((second.Id, 1), Blocked(await HeadAsync()));

        // Something new that comes in meanwhile waits as well.
        Assert.Equal(SettlementKind.DeadLetter, (await HandleAsync(Deliveries.Of(Made, 7))).Kind);

        Assert.Equal(SettlementKind.Complete, (await HandleAsync(Deliveries.Of(Cancelled, 2).AsReplayOf(second.Id.Value))).Kind);
        Assert.EndsWith(":b-1:7", Blocked(await HeadAsync()).Entry?.Value);
        Assert.Equal(2, (await HeadAsync()).PositionOf(new ConsumerName(Consumer)).Handled["bookings"]);
    }

    [Fact]
    public async Task Rule1_A_replay_of_what_was_handled_meanwhile_closes_its_entry_without_a_second_effect()
    {
        // An unreadable copy of a message that had its effect: its entry was edited into that very event since.
        await HandleAsync(Deliveries.Of(new RoomsReserved("b-1"), 3, "rooms"), "rooms/charges");
        await HandleAsync(Deliveries.Of(Made, 1));
        await HandleAsync(new ReceivedMessage { Body = "not json"u8.ToArray(), SessionId = "b-1", MessageId = "m-1", DeliveryCount = 1 });
        await HandleAsync(Deliveries.Of(Cancelled, 2));
        var (copy, follower) = ((await EntriesAsync()).Single(e => e.Sequence is null), (await EntriesAsync()).Single(e => e.Sequence == 2));
        Assert.Equal((copy.Id, 2), Blocked(await HeadAsync()));
        var (calls, commits) = (_gateway.Calls, (await HeadAsync()).Commits);

        Assert.Equal(SettlementKind.Complete, (await HandleAsync(Deliveries.Of(Made, 1).AsReplayOf(copy.Id.Value))).Kind);

        // Closed as what it is, and what waits behind it is next, in the same commit.
        copy = (await EntriesAsync()).Single(e => e.Id == copy.Id);
        Assert.Equal((false, DeadLetterResults.AlreadyHandled), (copy.Open, copy.Result));
        Assert.Equal((follower.Id, 1), Blocked(await HeadAsync()));
        Assert.Equal((calls, commits + 1), (_gateway.Calls, (await HeadAsync()).Commits));

        // The same replay once more, and the message itself: nothing is left to be done.
        Assert.Equal(SettlementKind.Complete, (await HandleAsync(Deliveries.Of(Made, 1).AsReplayOf(copy.Id.Value))).Kind);
        Assert.Equal(SettlementKind.Complete, (await HandleAsync(Deliveries.Of(Made, 1))).Kind);
        Assert.Equal((calls, commits + 1), (_gateway.Calls, (await HeadAsync()).Commits));
    }

    [Fact]
    public async Task Rule5_Without_a_schedule_a_failure_that_may_pass_is_tried_again_in_process_and_then_abandoned()
    {
        await WithoutScheduleAsync();
        var gateway = await BreakTransientlyAsync();

        Assert.Equal(SettlementKind.Abandon, (await HandleAsync(Deliveries.Of(Made, 1))).Kind);

        Assert.Equal(new ConsumerOptions().AttemptsPerDelivery, gateway.Calls);
        Assert.Empty(await EntriesAsync());
    }

    [Fact]
    public async Task Rule5_A_delivery_above_the_limit_is_given_up_before_the_handler_runs()
    {
        var gateway = await BreakTransientlyAsync();

        var settlement = await HandleAsync(Deliveries.Of(Made, 1, deliveryCount: 6));

        Assert.Equal((SettlementKind.DeadLetter, DeadLetterReasons.AttemptsExhausted, 0), (settlement.Kind, settlement.Reason, gateway.Calls));
    }

    [Fact]
    public async Task G6_Rule6_Giving_up_writes_entry_and_block_in_one_batch()
    {
        await FailAsync();

        var entry = Assert.Single(await EntriesAsync());
        Assert.Equal((entry.Id, 1), Blocked(await HeadAsync()));
        Assert.Equal((DeadLetterReasons.HandlerFailed, "b-1", 1L), (entry.Reason, entry.Partition.Value, entry.Sequence));
        Assert.Equal(Deliveries.Of(Made, 1).Body.ToArray(), entry.Body);
        Assert.Empty(await Invariants.AllAsync(Charges, RecordKinds.Inbox).ContinueWith(t => t.Result.Where(r => r.GetProperty("eventId").GetString() == entry.EventId?.Value)));
    }

    [Fact]
    public async Task Rule6_A_replay_that_fails_raises_the_attempt_and_the_subject_stays_blocked()
    {
        await FailAsync();
        var entry = Assert.Single(await EntriesAsync());

        Assert.Equal(SettlementKind.Complete, (await HandleAsync(Deliveries.Of(Made, 1).AsReplayOf(entry.Id.Value))).Kind);

        var after = Assert.Single(await EntriesAsync());
        Assert.Equal((true, 1), (after.Open, after.Attempt));
        Assert.Equal((entry.Id, 1), Blocked(await HeadAsync()));

        // The same attempt, delivered again, is over.
        var calls = _gateway.Calls;
        Assert.Equal(SettlementKind.Complete, (await HandleAsync(Deliveries.Of(Made, 1).AsReplayOf(entry.Id.Value))).Kind);
        Assert.Equal(calls, _gateway.Calls);
    }

    [Theory]
    [InlineData("this is not JSON", DeadLetterReasons.NotJson)]
    [InlineData("{\"hello\":1}", DeadLetterReasons.NotACloudEvent)]
    [InlineData("null", DeadLetterReasons.NotACloudEvent)]
    [InlineData("{\"specversion\":\"1.0\",\"id\":\"x\",\"source\":\"bookings\",\"type\":\"com.contoso.bookings.booking-moved.v1\",\"data\":{}}", DeadLetterReasons.UnknownType)]
    [InlineData("{\"specversion\":\"1.0\",\"id\":\"x\",\"source\":\"bookings\",\"type\":\"com.contoso.bookings.booking-made.v9\",\"data\":{}}", DeadLetterReasons.UnsupportedVersion)]
    [InlineData("{\"specversion\":\"1.0\",\"id\":\"x\",\"source\":\"bookings\",\"type\":\"com.contoso.bookings.booking-completed.v1\",\"data\":{}}", DeadLetterReasons.UnknownType)]
    [InlineData("{\"specversion\":\"1.0\",\"id\":\"x\",\"source\":\"bookings\",\"type\":\"com.contoso.bookings.booking-made.v1\",\"data\":{}}", DeadLetterReasons.ContractViolation)]
    [InlineData("{\"specversion\":\"1.0\",\"id\":\"x\",\"source\":\"bookings\",\"type\":\"com.contoso.bookings.booking-made.v1\"}", DeadLetterReasons.ContractViolation)]
    [InlineData("{\"specversion\":\"1.0\",\"id\":\"x\",\"source\":\"bookings\",\"sequence\":\"many\",\"type\":\"com.contoso.bookings.booking-made.v1\",\"data\":{}}", DeadLetterReasons.NotACloudEvent)]
    public async Task G5_Poison_is_given_up_at_once_with_its_own_reason(string body, string reason)
    {
        var settlement = await HandleAsync(new ReceivedMessage { Body = System.Text.Encoding.UTF8.GetBytes(body), SessionId = "b-1", MessageId = "m-1", DeliveryCount = 1 });

        Assert.Equal((SettlementKind.DeadLetter, reason), (settlement.Kind, settlement.Reason));
        var entry = Assert.Single(await EntriesAsync());
        Assert.Equal(body, System.Text.Encoding.UTF8.GetString(entry.Body));
        Assert.Equal(entry.Id, (await HeadAsync()).PositionOf(new ConsumerName(Consumer)).Blocked);
    }

    [Fact]
    public async Task From_the_dead_letter_queue_our_own_dead_letter_writes_nothing()
    {
        await FailAsync();
        var before = await HeadAsync();
        Assert.Equal(SettlementKind.Complete, (await TakeInAsync(Deliveries.Of(Made, 1).DeadLettered(DeadLetterReasons.HandlerFailed))).Kind);
        Assert.Equal(before.ETag, (await HeadAsync()).ETag);
    }

    [Fact]
    public async Task G6_From_the_dead_letter_queue_a_broker_made_dead_letter_makes_its_entry_and_block()
    {
        Assert.Equal(SettlementKind.Complete, (await TakeInAsync(Deliveries.Of(Made, 1).DeadLettered())).Kind);

        var entry = Assert.Single(await EntriesAsync());
        Assert.Equal("MaxDeliveryCountExceeded", entry.Reason);
        Assert.Equal((entry.Id, 1), Blocked(await HeadAsync()));
        Assert.Equal(SettlementKind.DeadLetter, (await HandleAsync(Deliveries.Of(Cancelled, 2))).Kind);
    }

    [Fact]
    public async Task From_the_dead_letter_queue_something_handled_makes_no_entry()
    {
        await HandleAsync(Deliveries.Of(Made, 1));
        Assert.Equal(SettlementKind.Complete, (await TakeInAsync(Deliveries.Of(Made, 1).DeadLettered())).Kind);
        Assert.Empty(await EntriesAsync());
    }

    [Fact]
    public async Task From_the_dead_letter_queue_something_overtaken_is_out_of_order_and_blocks_nothing()
    {
        await HandleAsync(Deliveries.Of(Cancelled, 2));
        Assert.Equal(SettlementKind.Complete, (await TakeInAsync(Deliveries.Of(Made, 1).DeadLettered())).Kind);
        Assert.Equal((DeadLetterReasons.OutOfOrder, false), (Assert.Single(await EntriesAsync()).Reason, (await EntriesAsync())[0].InOrder));
        Assert.Equal((null, 0), Blocked(await HeadAsync()));
    }

    [Fact]
    public async Task From_the_dead_letter_queue_an_earlier_message_than_the_blocked_head_makes_it_the_head()
    {
        _gateway.Break();
        await HandleAsync(Deliveries.Of(new RoomsReserved("b-1"), 3, "rooms"), "rooms/charges");
        await HandleAsync(Deliveries.Of(Made, 5));
        await TakeInAsync(Deliveries.Of(Made, 4).DeadLettered());

        Assert.EndsWith(":b-1:4", Blocked(await HeadAsync()).Entry?.Value);
        Assert.Equal(2, Blocked(await HeadAsync()).Open);
    }

    [Fact]
    public async Task From_the_dead_letter_queue_a_replay_that_the_broker_dead_lettered_raises_its_attempt()
    {
        await FailAsync();
        var entry = Assert.Single(await EntriesAsync());
        Assert.Equal(SettlementKind.Complete, (await TakeInAsync(Deliveries.Of(Made, 1).AsReplayOf(entry.Id.Value).DeadLettered())).Kind);
        Assert.Equal((true, 1), (Assert.Single(await EntriesAsync()).Open, (await EntriesAsync())[0].Attempt));
    }

    [Fact]
    public async Task Two_instances_that_give_up_and_handle_at_once_agree_on_one_outcome()
    {
        // The give-up's head is stale by the time it is written: If-Match makes it start again and find the inbox record.
        await using var other = _simulation.Start();
        await HandleAsync(Deliveries.Of(new RoomsReserved("b-1"), 3, "rooms"), "rooms/charges");
        var raced = false;
        _gateway.OnCall = async () =>
        {
            if (raced)
                return;
            raced = true;
            var runner = other.Services.GetRequiredService<ConsumerRunners>().RunnerOf(Consumer);
            Assert.Equal(SettlementKind.Complete, (await runner.HandleAsync(Deliveries.Of(Made, 1), default)).Kind);
            throw new PermanentFailureException("too late");
        };

        Assert.Equal(SettlementKind.Complete, (await HandleAsync(Deliveries.Of(Made, 1))).Kind);

        Assert.Empty(await EntriesAsync());
        Assert.Equal((null, 0), Blocked(await HeadAsync()));
    }

    [Fact]
    public async Task A_give_up_that_was_overtaken_by_an_effect_is_not_written()
    {
        // Between the give-up's read and its write, another instance handles the message: If-Match on the head tells.
        await using var other = _simulation.Start();
        await HandleAsync(Deliveries.Of(new RoomsReserved("b-1"), 3, "rooms"), "rooms/charges");
        var runner = other.Services.GetRequiredService<ConsumerRunners>().RunnerOf(Consumer);
        var isRaced = false;
        _simulation.Cosmos.OnRequest = async request =>
        {
            if (request.Resource == Pipeline.Local.Cosmos.CosmosResource.Batch && !isRaced)
            {
                isRaced = true;
                Assert.Equal(SettlementKind.Complete, (await runner.HandleAsync(Deliveries.Of(Made, 1), default)).Kind);
            }

            return Pipeline.Local.Cosmos.CosmosFault.None;
        };

        Assert.Equal(SettlementKind.Complete, (await HandleAsync(Deliveries.Of(Made, 1, deliveryCount: 6))).Kind);

        Assert.True(isRaced);
        Assert.Empty(await EntriesAsync());
        Assert.Equal((null, 0), Blocked(await HeadAsync()));
    }

    [Fact]
    public async Task G4_A_charge_whose_commit_was_overtaken_by_the_cancellation_is_refunded()
    {
        await HandleAsync(Deliveries.Of(Made, 1));
        await using var other = _simulation.Start();
        var runner = other.Services.GetRequiredService<ConsumerRunners>().RunnerOf(Consumer);
        var isRaced = false;
        _simulation.Cosmos.OnRequest = async request =>
        {
            // The charge is made; before its commit the booking is cancelled, by another session of another subscription.
            if (request.Resource == Pipeline.Local.Cosmos.CosmosResource.Batch && !isRaced)
            {
                isRaced = true;
                Assert.Equal(SettlementKind.Complete, (await runner.HandleAsync(Deliveries.Of(Cancelled, 2), default)).Kind);
            }

            return Pipeline.Local.Cosmos.CosmosFault.None;
        };
        Assert.Equal(SettlementKind.Complete, (await HandleAsync(Deliveries.Of(new RoomsReserved("b-1"), 3, "rooms"), "rooms/charges")).Kind);

        var moved = (await Invariants.AllAsync(_process.Container(Names.Gateways), null)).Select(t => t.GetProperty("id").GetString()).Order();
        Assert.Equal(["charge-b-1", "refund-b-1"], moved);
        var published = (await Invariants.AllAsync(Charges, RecordKinds.Outbox)).Single().GetProperty("messages")[0].GetProperty("event");
        Assert.Equal("com.contoso.charges.charge-refunded.v1", published.GetProperty("type").GetString());
    }

    [Fact]
    public async Task Rule7_No_access_to_the_store_is_not_the_messages_fault()
    {
        _simulation.Cosmos.OnRequest = _ => new ValueTask<Pipeline.Local.Cosmos.CosmosFault>(Pipeline.Local.Cosmos.CosmosFault.Reply(401));
        Assert.Equal(SettlementKind.GiveBack, (await HandleAsync(Deliveries.Of(Made, 1))).Kind);
        Assert.Equal(SettlementKind.Abandon, (await TakeInAsync(Deliveries.Of(Made, 1).DeadLettered())).Kind);
    }

    private Task<Settlement> HandleAsync(ReceivedMessage delivery, string consumer = Consumer) =>
        _process.Services.GetRequiredService<ConsumerRunners>().RunnerOf(consumer).HandleAsync(delivery, CancellationToken.None);

    private Task<Settlement> TakeInAsync(ReceivedMessage delivery) =>
        _process.Services.GetRequiredService<ConsumerRunners>().DeadLetterQueueProcessorOf(Consumer).HandleAsync(delivery, CancellationToken.None);

    /// <summary>Makes BookingMade (sequence 1) fail for good.</summary>
    private async Task FailAsync()
    {
        await HandleAsync(Deliveries.Of(new RoomsReserved("b-1"), 3, "rooms"), "rooms/charges");
        _gateway.Break();
        Assert.Equal(SettlementKind.DeadLetter, (await HandleAsync(Deliveries.Of(Made, 1))).Kind);
    }

    [Fact]
    public async Task Rule5_Without_a_schedule_the_failure_at_the_last_delivery_gives_it_up()
    {
        await WithoutScheduleAsync();
        await BreakTransientlyAsync();
        Assert.Equal(SettlementKind.Abandon, (await HandleAsync(Deliveries.Of(Made, 1, deliveryCount: 4))).Kind);
        Assert.Equal(DeadLetterReasons.AttemptsExhausted, (await HandleAsync(Deliveries.Of(Made, 1, deliveryCount: 5))).Reason);
        Assert.Null(Assert.Single(await EntriesAsync()).RetryAt);
        Assert.Empty(await Invariants.AllAsync(Charges, RecordKinds.Replay));
    }

    private async Task WithoutScheduleAsync()
    {
        var configure = _simulation.Configure!;
        _simulation.Configure = services =>
        {
            configure(services);
            services.AddSingleton(new ConsumerOptions { Retry = RetrySchedule.None });
        };
        await _process.DisposeAsync();
        _process = _simulation.Start();
    }

    private async Task<FailingGateway> BreakTransientlyAsync()
    {
        await HandleAsync(Deliveries.Of(new RoomsReserved("b-1"), 3, "rooms"), "rooms/charges");
        _gateway.IsPermanent = false;
        _gateway.Break();
        return _gateway;
    }

    private async Task<PartitionHead> HeadAsync()
    {
        using var read = await _process.Store(Names.Charges).ReadAsync(new Partition("b-1"), _ => [], default);
        return read.Head;
    }

    private async Task<List<DeadLetter>> EntriesAsync() =>
        [.. (await Invariants.AllAsync(Charges, RecordKinds.DeadLetter)).Select((Func<System.Text.Json.JsonElement, DeadLetter>)(e => System.Text.Json.JsonSerializer.Deserialize<DeadLetter>(e, DeadLetterJson.Default.DeadLetter)!))];

    private static (DeadLetterId? Entry, int Open) Blocked(PartitionHead head) => (head.PositionOf(new ConsumerName(Consumer)).Blocked, head.PositionOf(new ConsumerName(Consumer)).Open);
}
