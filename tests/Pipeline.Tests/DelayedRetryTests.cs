using System.Text.Json;
using Microsoft.Azure.Cosmos;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Pipeline.AzureFunctions.ChangeFeed;
using Pipeline.AzureFunctions.Consumers;
using Pipeline.BookingApp;
using Pipeline.Client;
using Pipeline.Consumers;
using Pipeline.DeadLetters;
using Pipeline.Failures;
using Pipeline.Operations;
using Pipeline.Replay;
using Pipeline.Storage;

namespace Pipeline.Tests;

/// <summary>Delayed retries: what fails in a way that may pass is held in the ledger, and comes back by itself.</summary>
public sealed class DelayedRetryTests : IAsyncLifetime
{
    private const string Consumer = "bookings/charges";
    private static readonly Dictionary<string, int> Rooms = new(StringComparer.Ordinal) { ["a"] = 100 };

    private readonly Simulation _simulation = new();
    private readonly FailingGateway _gateway = new(failing: true) { IsPermanent = false };
    private ConsumerOptions _options = new();
    private SimulatedProcess _process = null!;

    private static BookingMade Made => new("b-1", "g-1", "EUR", 10m, [new BookedRoom("a", 1, 10m)]);

    private static BookingCancelled Cancelled => new("b-1", "Changed my mind.");

    private CosmosPartitionStore Store => _process.Store(Names.Charges);

    public Task InitializeAsync()
    {
        _simulation.Configure = services =>
        {
            services.AddSingleton<IChargeGateway>(p => _gateway.Over(
                new SimulatedChargeGateway(p.GetRequiredService<CosmosClient>().GetContainer(Names.Database, Names.Gateways), _simulation.Clock)));
            services.Replace(ServiceDescriptor.Singleton(_options));
        };
        _process = _simulation.Start();
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        await _process.DisposeAsync();
        await _simulation.DisposeAsync();
    }

    [Fact]
    public async Task G3_G4_A_gateway_that_is_away_for_minutes_costs_no_message_no_delivery_and_no_order()
    {
        await _process.SetRoomsAsync("a", 100);
        for (var i = 1; i <= 6; i++)
            await _process.BookAsync(Invariant($"{i}"), "g-1", ("a", 1));
        await _process.CancelAsync("b-2");
        var back = _simulation.Clock.GetUtcNow() + TimeSpan.FromMinutes(12);
        await _process.RunUntilNothingIsHeldAsync(back);
        Assert.True(_gateway.Calls > 6 * _options.AttemptsPerDelivery * 3, "It was not tried again.");
        Assert.NotEmpty(await OpenAsync());
        Assert.DoesNotContain(await GatewayAsync(), id => id!.StartsWith("charge-", StringComparison.Ordinal));

        _gateway.Lift();
        await _process.RunUntilNothingIsHeldAsync();

        Assert.Equal((5, 1), await Invariants.CheckAsync(_process.Container, Rooms));
        foreach (var container in Invariants.Containers)
        {
            foreach (var record in await Invariants.AllAsync(_process.Container(container), RecordKinds.Inbox))
                Assert.InRange(record.GetProperty("deliveryCount").GetInt32(), 0, 1);
        }

        await AssertReplaysAreOverAsync();
    }

    [Fact]
    public async Task A_failure_that_may_pass_is_held_at_once_and_nobody_waits()
    {
        await ReserveAsync();
        var before = _simulation.Clock.GetUtcNow();

        var settlement = await HandleAsync(Deliveries.Of(Made, 1));

        Assert.Equal((SettlementKind.DeadLetter, DeadLetterReasons.TransientFailure), (settlement.Kind, settlement.Reason));
        Assert.InRange(_simulation.Clock.GetUtcNow() - before, TimeSpan.Zero, TimeSpan.FromSeconds(1));
        Assert.Equal(_options.AttemptsPerDelivery, _gateway.Calls);
        var entry = Assert.Single(await OpenAsync());
        Assert.Equal(("waitingForRetry", 0, 0), (entry.Status, entry.Attempt, entry.Retries));
        Assert.InRange(entry.RetryAt!.Value, before, _simulation.Clock.GetUtcNow() + new RetrySchedule().First);

        // The block and the replay that will retry it are there as well.
        Assert.Equal(1, (await ContainerStatusReader.ReadAsync(Store, _simulation.Clock, default)).BlockedSubjects);
        var replay = Assert.Single(await ReplaysAsync());
        Assert.Equal((entry.Id, entry.RetryAt, ReplayStatus.Applying), (replay.DelayedRetryOf?.Value, replay.NotBefore, replay.Status));
    }

    [Fact]
    public async Task G3_What_follows_a_held_message_waits_behind_it_and_comes_after_it()
    {
        await ReserveAsync();
        await HandleAsync(Deliveries.Of(Made, 1));
        Assert.Equal(DeadLetterReasons.BlockedByPredecessor, (await HandleAsync(Deliveries.Of(Cancelled, 2))).Reason);
        _gateway.Lift();

        await _process.RunUntilNothingIsHeldAsync();

        Assert.Empty(await OpenAsync());
        var handled = (await Invariants.AllAsync(_process.Container(Names.Charges), RecordKinds.Inbox)).Where(r => r.GetProperty("consumer").GetString() == Consumer);
        Assert.Equal([1, 2], handled.OrderBy(r => r.GetProperty("commit").GetInt64()).Select(r => r.GetProperty("sequence").GetInt32()));
        Assert.Equal(["charge-b-1", "refund-b-1"], (await GatewayAsync()).Order());
        await AssertReplaysAreOverAsync();
    }

    [Fact]
    public async Task A_follower_that_fails_as_part_of_the_replay_is_held_likewise()
    {
        await ReserveAsync();
        await HandleAsync(Deliveries.Of(Made, 1));
        await HandleAsync(Deliveries.Of(Cancelled, 2));

        // The charge works, and then the gateway is away again: the refund has to wait.
        _gateway.OnCall = () =>
        {
            if (_gateway.Calls == _options.AttemptsPerDelivery + 1)
                _gateway.Lift();
            else
                _gateway.Break();
            return Task.CompletedTask;
        };
        await _process.RunUntilNothingIsHeldAsync(_simulation.Clock.GetUtcNow() + TimeSpan.FromSeconds(2));
        var entry = Assert.Single(await OpenAsync());
        Assert.Equal((2L, DeadLetterReasons.TransientFailure, "waitingForRetry"), (entry.Sequence, entry.Reason, entry.Status));

        _gateway.OnCall = null;
        _gateway.Lift();
        await _process.RunUntilNothingIsHeldAsync();
        Assert.Equal(["charge-b-1", "refund-b-1"], (await GatewayAsync()).Order());
        await AssertReplaysAreOverAsync();
    }

    [Fact]
    public async Task G6_When_the_retries_are_used_up_it_stays_as_a_dead_letter()
    {
        await RestartAsync(new RetrySchedule { Attempts = 3 });
        await ReserveAsync();
        await HandleAsync(Deliveries.Of(Made, 1));
        await _process.RunUntilNothingIsHeldAsync();

        var entry = Assert.Single(await OpenAsync());
        Assert.Equal((DeadLetterReasons.AttemptsExhausted, "open", null, 3, 3), (entry.Reason, entry.Status, entry.RetryAt, entry.Attempt, entry.Retries));
        Assert.Equal((1 + 3) * _options.AttemptsPerDelivery, _gateway.Calls);
        await AssertReplaysAreOverAsync();

        // It is like any other: one replay, which fails or succeeds.
        var failed = await ReplayAsync();
        await _process.RunUntilQuietAsync();
        Assert.Equal(ReplayStatus.Failed, (await _process.Replays.FindAsync(failed.ReplayId, default))!.Status);
        Assert.Equal("open", Assert.Single(await OpenAsync()).Status);
        _gateway.Lift();
        var replay = await ReplayAsync();
        await _process.RunUntilQuietAsync();
        Assert.Equal(ReplayStatus.Completed, (await _process.Replays.FindAsync(replay.ReplayId, default))!.Status);
        Assert.Empty(await OpenAsync());
    }

    [Fact]
    public async Task A_retry_that_fails_for_good_ends_it_at_once()
    {
        await ReserveAsync();
        await HandleAsync(Deliveries.Of(Made, 1));
        _gateway.IsPermanent = true;
        await _process.RunUntilNothingIsHeldAsync();

        var entry = (await DeadLetterQueries.ShowAsync(Store, new Partition("b-1"), new DeadLetterId(Assert.Single(await OpenAsync()).Id), default))!;
        Assert.Equal((DeadLetterReasons.HandlerFailed, "open", 1), (entry.Reason, entry.Status, entry.Attempt));
        Assert.Equal(Fingerprint.Of(new Failure(entry.Reason, entry.Description, Exception: entry.Exception)).Id, entry.Fingerprint);
        Assert.NotEmpty(entry.Exception!.Stack);
        await AssertReplaysAreOverAsync();
    }

    [Fact]
    public async Task The_retries_of_a_subject_leave_what_others_dead_lettered_alone()
    {
        await ReserveAsync();
        await HandleAsync(Deliveries.Of(Made, 3));

        // Something earlier turns up in the dead-letter queue: it is first in line, and nobody's to retry by itself.
        await FromDeadLetterQueueAsync(Deliveries.Of(Cancelled, 2).DeadLettered());
        _gateway.Lift();
        await _process.RunUntilNothingIsHeldAsync();

        Assert.Equal([(2L, "open"), (3L, "open")], (await OpenAsync()).OrderBy(e => e.Sequence).Select(e => (e.Sequence!.Value, e.Status)));
        await ReplayAsync();
        await _process.RunUntilQuietAsync();
        Assert.Empty(await OpenAsync());
        await AssertReplaysAreOverAsync();
    }

    [Fact]
    public async Task A_replay_by_an_operator_goes_at_once_and_the_scheduled_message_has_no_effect()
    {
        await RestartAsync(new RetrySchedule { First = TimeSpan.FromHours(2), Longest = TimeSpan.FromHours(2) });
        await ReserveAsync();
        await HandleAsync(Deliveries.Of(Made, 1));
        await _process.RunUntilQuietAsync();
        var due = Assert.Single(await OpenAsync()).RetryAt!.Value;
        Assert.True(due > _simulation.Clock.GetUtcNow() + TimeSpan.FromMinutes(1), "Take another seed.");

        _gateway.Lift();
        var replay = await ReplayAsync();
        await _process.RunUntilQuietAsync();
        Assert.Empty(await OpenAsync());
        Assert.True(_simulation.Clock.GetUtcNow() < due);
        Assert.Equal(ReplayStatus.Completed, (await _process.Replays.FindAsync(replay.ReplayId, default))!.Status);

        var calls = _gateway.Calls;
        _simulation.Clock.Advance(TimeSpan.FromHours(3));
        await _process.RunUntilQuietAsync();
        Assert.Equal(calls, _gateway.Calls);
        await AssertReplaysAreOverAsync();
    }

    [Fact]
    public async Task A_delayed_retry_does_not_go_on_with_what_an_operators_replay_has_in_hand()
    {
        await RestartAsync(new RetrySchedule { First = TimeSpan.FromHours(2), Longest = TimeSpan.FromHours(2) });
        await ReserveAsync();
        await HandleAsync(Deliveries.Of(Made, 1));
        await HandleAsync(Deliveries.Of(Cancelled, 2));
        await FeedAsync();
        var retry = Assert.Single(await ReplaysAsync());
        _gateway.Lift();
        await ReplayAsync();
        await FeedAsync();
        await _process.ConsumeAsync(Consumer);
        await FeedAsync();

        // The operator's replay has sent the follower. The message of the delayed retry is due now, and so is its replay.
        _simulation.Clock.Advance(TimeSpan.FromHours(3));
        var active = _simulation.Broker.Counts(Consumer).Active;
        await _process.Replayer.AdvanceAsync(Store, new Partition("b-1"), retry.ReplayId, default);

        Assert.Equal(active, _simulation.Broker.Counts(Consumer).Active);
        await _process.RunUntilNothingIsHeldAsync();
        Assert.Empty(await OpenAsync());
        await AssertReplaysAreOverAsync();
    }

    [Fact]
    public async Task A_replay_by_an_operator_that_fails_stops_and_the_retries_go_on()
    {
        await RestartAsync(new RetrySchedule { First = TimeSpan.FromHours(2), Longest = TimeSpan.FromHours(2) });
        await ReserveAsync();
        await HandleAsync(Deliveries.Of(Made, 1));
        await _process.RunUntilQuietAsync();
        var replay = await ReplayAsync();
        await _process.RunUntilQuietAsync();

        Assert.Equal(ReplayStatus.Failed, (await _process.Replays.FindAsync(replay.ReplayId, default))!.Status);
        var entry = Assert.Single(await OpenAsync());
        Assert.Equal(("waitingForRetry", 1, 1), (entry.Status, entry.Attempt, entry.Retries));
        _gateway.Lift();
        await _process.RunUntilNothingIsHeldAsync();
        Assert.Empty(await OpenAsync());
        await AssertReplaysAreOverAsync();
    }

    [Fact]
    public async Task A_replay_that_ends_in_another_hold_learns_of_it_by_the_feed()
    {
        await RestartAsync(new RetrySchedule { First = TimeSpan.FromHours(2), Longest = TimeSpan.FromHours(2) });
        await ReserveAsync();
        await HandleAsync(Deliveries.Of(Made, 1));
        var replay = await ReplayAsync();
        for (var i = 0; i < 2; i++)
        {
            await FeedAsync();
            await _process.ConsumeAsync(Consumer);
        }

        Assert.Equal(ReplayStatus.Failed, (await _process.Replays.FindAsync(replay.ReplayId, default))!.Status);
    }

    [Fact]
    public async Task A_sweep_passes_over_replays_whose_message_the_broker_holds()
    {
        await RestartAsync(new RetrySchedule { First = TimeSpan.FromHours(2), Longest = TimeSpan.FromHours(2) });
        await ReserveAsync();
        await HandleAsync(Deliveries.Of(Made, 1));
        Assert.Single(await SubjectReplayer.DueAsync(Store, _simulation.Clock.GetUtcNow(), default));
        await _process.RunUntilQuietAsync();
        Assert.Empty(await SubjectReplayer.DueAsync(Store, _simulation.Clock.GetUtcNow(), default));
        Assert.Single(await SubjectReplayer.DueAsync(Store, _simulation.Clock.GetUtcNow() + TimeSpan.FromHours(3), default));
    }

    [Fact]
    public async Task A_discarded_message_is_never_handled_and_what_waits_behind_it_goes_on_when_it_was_due()
    {
        await ReserveAsync();
        await HandleAsync(Deliveries.Of(Made, 1));
        await HandleAsync(Deliveries.Of(Cancelled, 2));
        await FeedAsync();
        var held = (await OpenAsync()).Single(e => e.Status == "waitingForRetry");
        _gateway.Lift();

        await _process.Services.GetRequiredService<DeadLetterDiscarder>().DiscardAsync(Store, new Partition("b-1"), new DeadLetterId(held.Id), new DiscardReason("Not needed.", "ann"), default);
        await _process.RunUntilNothingIsHeldAsync();

        Assert.Empty(await OpenAsync());
        Assert.Empty(await GatewayAsync());
        Assert.Equal([2], (await Invariants.AllAsync(_process.Container(Names.Charges), RecordKinds.Inbox))
            .Where(r => r.GetProperty("consumer").GetString() == Consumer).Select(r => r.GetProperty("sequence").GetInt32()));
        await AssertReplaysAreOverAsync();
    }

    [Fact]
    public async Task Copies_of_a_held_message_change_nothing()
    {
        await ReserveAsync();
        await HandleAsync(Deliveries.Of(Made, 1));
        var entry = Assert.Single(await OpenAsync());
        Assert.Equal(SettlementKind.Complete, (await FromDeadLetterQueueAsync(Deliveries.Of(Made, 1).DeadLettered(DeadLetterReasons.TransientFailure))).Kind);
        Assert.Equal(SettlementKind.Complete, (await FromDeadLetterQueueAsync(Deliveries.Of(Made, 1).DeadLettered())).Kind);
        Assert.Equal(SettlementKind.DeadLetter, (await HandleAsync(Deliveries.Of(Made, 1, deliveryCount: 2))).Kind);
        Assert.Equal(entry, Assert.Single(await OpenAsync()));
    }

    [Fact]
    public async Task A_retry_that_the_broker_dead_letters_leaves_a_dead_letter()
    {
        await ReserveAsync();
        await HandleAsync(Deliveries.Of(Made, 1));
        var entry = Assert.Single(await OpenAsync());
        await FromDeadLetterQueueAsync(Deliveries.Of(Made, 1).AsReplayOf(entry.Id).DeadLettered());
        entry = Assert.Single(await OpenAsync());
        Assert.Equal(("open", DeadLetterReasons.AttemptsExhausted, 1), (entry.Status, entry.Reason, entry.Attempt));
        _gateway.Lift();
        await _process.RunUntilNothingIsHeldAsync();
        Assert.Single(await OpenAsync());
        await AssertReplaysAreOverAsync();
    }

    [Fact]
    public async Task Two_instances_that_fail_at_once_make_one_entry_and_one_replay()
    {
        await ReserveAsync();
        await using var other = _simulation.Start();
        var isRaced = false;
        _gateway.OnCall = async () =>
        {
            if (isRaced || _gateway.Calls < _options.AttemptsPerDelivery)
                return;
            isRaced = true;
            Assert.Equal(SettlementKind.DeadLetter, (await other.Services.GetRequiredService<ConsumerRunners>().RunnerOf(Consumer).HandleAsync(Deliveries.Of(Made, 1), default)).Kind);
        };
        Assert.Equal(SettlementKind.DeadLetter, (await HandleAsync(Deliveries.Of(Made, 1))).Kind);
        Assert.True(isRaced);
        Assert.Single(await OpenAsync());
        Assert.Single(await ReplaysAsync());
    }

    private async Task RestartAsync(RetrySchedule schedule)
    {
        _options = new ConsumerOptions { Retry = schedule };
        await _process.DisposeAsync();
        _process = _simulation.Start();
    }

    private Task<Settlement> ReserveAsync() => HandleAsync(Deliveries.Of(new RoomsReserved("b-1"), 3, "rooms"), "rooms/charges");

    private Task<Settlement> HandleAsync(ReceivedMessage delivery, string consumer = Consumer) =>
        _process.Services.GetRequiredService<ConsumerRunners>().RunnerOf(consumer).HandleAsync(delivery, default);

    private Task<Settlement> FromDeadLetterQueueAsync(ReceivedMessage delivery) =>
        _process.Services.GetRequiredService<ConsumerRunners>().DeadLetterQueueProcessorOf(Consumer).HandleAsync(delivery, default);

    private async Task FeedAsync()
    {
        while (await _process.FeedAsync(_process.Relays.Single(r => r.Name == Names.Charges)))
        {
        }
    }

    private Task<ReplaySummary> ReplayAsync() => _process.ReplayAsync(new DeadLetterFilter { Partition = "b-1", Consumer = Consumer });

    private async Task<IReadOnlyList<DeadLetterDetails>> OpenAsync() => (await DeadLetterQueries.ListAsync(Store, new DeadLetterFilter { Open = true }, 100, null, default)).Items;

    private async Task<IEnumerable<string?>> GatewayAsync() =>
        (await Invariants.AllAsync(_process.Container(Names.Gateways), null)).Select(t => t.GetProperty("id").GetString());

    private async Task<List<SubjectReplayRecord>> ReplaysAsync() =>
        [.. (await Invariants.AllAsync(_process.Container(Names.Charges), RecordKinds.Replay)).Select((Func<JsonElement, SubjectReplayRecord>)(r => JsonSerializer.Deserialize<SubjectReplayRecord>(r, DeadLetterJson.Default.SubjectReplayRecord)!))];

    /// <summary>No replay goes on for ever, or is looked at by every sweep.</summary>
    private async Task AssertReplaysAreOverAsync()
    {
        _simulation.Clock.Advance(TimeSpan.FromHours(3));
        await _process.RunUntilQuietAsync();
        Assert.DoesNotContain(await ReplaysAsync(), r => r.Status == ReplayStatus.Applying);
    }
}
