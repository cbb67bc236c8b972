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

/// <summary>A discard closes an entry for good: audited, its subject goes on, and its message is never handled, however it comes back.</summary>
public sealed class DiscardTests : IAsyncLifetime
{
    private const string Consumer = "bookings/charges";

    private static readonly DiscardReason What = new("Guest was refunded by hand.", "ann");

    private readonly Simulation _simulation = new();
    private readonly FailingGateway _gateway = new(failing: true);
    private SimulatedProcess _process = null!;

    private CosmosPartitionStore Store => _process.Store(Names.Charges);

    private Container Charges => _process.Container(Names.Charges);

    private DeadLetterDiscarder Discards => _process.Services.GetRequiredService<DeadLetterDiscarder>();

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
    public async Task G3_G6_A_discarded_head_lets_its_followers_go_on_and_its_message_is_never_handled()
    {
        var head = await FailAsync("b-1");
        await HandleAsync(Cancelled("b-1", 2));
        var follower = (await EntriesAsync()).Single(e => e.Sequence == 2);
        var shown = (await DeadLetterQueries.ShowAsync(Store, new Partition("b-1"), head.Id, default))!;
        Assert.Equal((1, follower.Id.Value, null), (shown.Followers!.Count, shown.Followers.First[0].Id, shown.WaitsBehind));
        Assert.Equal(("PermanentFailureException", "The gateway is broken."), (shown.Exception!.Type, shown.Exception.Message));
        Assert.Equal((0, head.Id.Value), ((await DeadLetterQueries.ShowAsync(Store, new Partition("b-1"), follower.Id, default))!.Followers!.Count, (await DeadLetterQueries.ShowAsync(Store, new Partition("b-1"), follower.Id, default))!.WaitsBehind));
        _gateway.Lift();

        Assert.Equal(DiscardOutcome.Discarded, await Discards.DiscardAsync(Store, new Partition("b-1"), head.Id, What, default));

        var position = (await HeadAsync("b-1")).PositionOf(new ConsumerName(Consumer));
        Assert.Equal((follower.Id, 1, false), (position.Blocked, position.Open, position.Handled.ContainsKey("bookings")));
        var calls = _gateway.Calls;
        Assert.Equal(SettlementKind.Complete, (await HandleAsync(Made("b-1", 1))).Kind);
        Assert.Equal(SettlementKind.Complete, (await HandleAsync(Made("b-1", 1) with { DeliveryCount = 6 })).Kind);
        Assert.Equal(SettlementKind.Complete, (await HandleAsync(Made("b-1", 1).AsReplayOf(head.Id.Value))).Kind);
        Assert.Equal(SettlementKind.Complete, (await TakeInAsync(Made("b-1", 1).DeadLettered())).Kind);
        Assert.Equal(SettlementKind.Complete, (await TakeInAsync(Made("b-1", 1).AsReplayOf(head.Id.Value).DeadLettered())).Kind);
        Assert.Equal((calls, 2), (_gateway.Calls, (await EntriesAsync()).Count));

        Assert.Equal(SettlementKind.Complete, (await HandleAsync(Cancelled("b-1", 2).AsReplayOf(follower.Id.Value))).Kind);
        Assert.Equal(SettlementKind.Complete, (await HandleAsync(Made("b-1", 1))).Kind);
        position = (await HeadAsync("b-1")).PositionOf(new ConsumerName(Consumer));
        Assert.Equal((null, 0, 2L), (position.Blocked, position.Open, position.Handled["bookings"]));
        var handled = Assert.Single(await Invariants.AllAsync(Charges, RecordKinds.Inbox), r => r.GetProperty("consumer").GetString() == Consumer);
        Assert.Equal(2, handled.GetProperty("sequence").GetInt64());
        Assert.Empty(Invariants.OrderViolations(Names.Charges, await Invariants.AllAsync(Charges, RecordKinds.Inbox)));
    }

    [Fact]
    public async Task It_is_audited_and_repeating_it_changes_nothing_while_another_one_is_told_apart()
    {
        var entry = await FailAsync("b-1");
        await Discards.DiscardAsync(Store, new Partition("b-1"), entry.Id, What, default);
        var after = (await DeadLetterQueries.ShowAsync(Store, new Partition("b-1"), entry.Id, default))!;
        Assert.Equal(("closed", "ann", What.Reason, null), (after.Status, after.Discarded!.By, after.Discarded.Reason, after.Followers));
        Assert.EndsWith("discarded by ann: Guest was refunded by hand.", Assert.Single(after.History!));
        Assert.Equal([entry.Id.Value], (await DeadLetterQueries.ListAsync(Store, new DeadLetterFilter { Discarded = true }, 10, null, default)).Items.Select(i => i.Id));
        var etag = (await HeadAsync("b-1")).ETag;
        _simulation.Clock.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal(DiscardOutcome.AlreadyDiscarded, await Discards.DiscardAsync(Store, new Partition("b-1"), entry.Id, What, default));
        Assert.Equal(DiscardOutcome.Closed, await Discards.DiscardAsync(Store, new Partition("b-1"), entry.Id, What with { By = "bob" }, default));
        Assert.Equal(DiscardOutcome.NotFound, await Discards.DiscardAsync(Store, new Partition("b-1"), new DeadLetterId("dl:none"), What, default));
        Assert.Equal(DiscardOutcome.NotFound, await Discards.DiscardAsync(Store, new Partition("b-1"), new DeadLetterId("head"), What, default));
        Assert.Equal(etag, (await HeadAsync("b-1")).ETag);
    }

    [Fact]
    public async Task A_waiting_entry_is_discarded_without_lifting_the_block()
    {
        var head = await FailAsync("b-1");
        await HandleAsync(Cancelled("b-1", 2));
        var follower = (await EntriesAsync()).Single(e => e.Sequence == 2);

        await Discards.DiscardAsync(Store, new Partition("b-1"), follower.Id, What, default);

        var position = (await HeadAsync("b-1")).PositionOf(new ConsumerName(Consumer));
        Assert.Equal((head.Id, 1), (position.Blocked, position.Open));
        _gateway.Lift();
        await HandleAsync(Made("b-1", 1).AsReplayOf(head.Id.Value));
        Assert.Null((await HeadAsync("b-1")).PositionOf(new ConsumerName(Consumer)).Blocked);
        Assert.Equal(SettlementKind.Complete, (await HandleAsync(Cancelled("b-1", 2))).Kind);
        Assert.Equal(1, (await HeadAsync("b-1")).PositionOf(new ConsumerName(Consumer)).Handled["bookings"]);
    }

    [Fact]
    public async Task What_came_out_of_order_is_closed_without_touching_the_line()
    {
        _gateway.Lift();
        await HandleAsync(Made("b-1", 1));
        await HandleAsync(Cancelled("b-1", 5));
        await HandleAsync(Deliveries.Of(new BookingCancelled("b-1", "late"), 3));
        var late = Assert.Single(await EntriesAsync());
        Assert.Equal(DeadLetterReasons.OutOfOrder, late.Reason);
        await HandleAsync(Made("b-1", 7) with { DeliveryCount = 6 });
        var blocked = (await HeadAsync("b-1")).PositionOf(new ConsumerName(Consumer));
        var blocker = blocked.Blocked;
        Assert.EndsWith(":b-1:7", blocker?.Value);

        Assert.Equal(DiscardOutcome.Discarded, await Discards.DiscardAsync(Store, new Partition("b-1"), late.Id, What, default));

        blocked = (await HeadAsync("b-1")).PositionOf(new ConsumerName(Consumer));
        Assert.Equal((blocker, 1), (blocked.Blocked, blocked.Open));
        Assert.Equal(SettlementKind.Complete, (await HandleAsync(Deliveries.Of(new BookingCancelled("b-1", "late"), 3))).Kind);
        Assert.False((await EntriesAsync()).Single(e => e.Id == late.Id).Open);
    }

    [Fact]
    public async Task A_handling_that_was_decided_before_the_discard_is_not_committed_after_it()
    {
        var entry = await FailAsync("b-1");
        _gateway.Lift();
        _gateway.OnCall = async () =>
        {
            _gateway.OnCall = null;
            await Discards.DiscardAsync(Store, new Partition("b-1"), entry.Id, What, default);
        };

        var settlement = await HandleAsync(Made("b-1", 1).AsReplayOf(entry.Id.Value));

        Assert.Equal(SettlementKind.Complete, settlement.Kind);
        Assert.NotNull(Assert.Single(await EntriesAsync(), e => e.Consumer.Value == Consumer).Discarded);
        Assert.DoesNotContain(await Invariants.AllAsync(Charges, RecordKinds.Inbox), r => r.GetProperty("consumer").GetString() == Consumer && r.GetProperty("pk").GetString() == "b-1");
    }

    [Fact]
    public async Task A_group_is_discarded_step_by_step_only_as_far_as_it_was_confirmed()
    {
        for (var i = 1; i <= 5; i++)
            await FailAsync(Invariant($"b-{i}"));
        await HandleAsync(Deliveries.Of(new BookingCancelled("b-1", "waits"), 2));
        var groups = new DeadLetterGroups();
        await groups.AddAsync(Store, new DeadLetterFilter { Open = true }, default);
        var failed = groups.ToList()[0];
        Assert.Equal(5, failed.Count);
        _simulation.Clock.Advance(TimeSpan.FromSeconds(1));
        var filter = new DeadLetterFilter { Fingerprint = failed.Fingerprint, To = _simulation.Clock.GetUtcNow() };
        _simulation.Clock.Advance(TimeSpan.FromSeconds(1));
        var later = await FailAsync("b-6");

        Assert.Equal("The group has 5 open entries or more, not the 4 that were confirmed.", await Discards.DiscardGroupAsync([Store], filter, 4, 100, What, default).RefusedAsync());
        Assert.All(await EntriesAsync(), e => Assert.True(e.Open));
        Assert.Equal(new GroupDiscard(2, 3), await Discards.DiscardGroupAsync([Store], filter, 5, 2, What, default).AllowedAsync());
        Assert.Equal(new GroupDiscard(3, 0), await Discards.DiscardGroupAsync([Store], filter, 5, 100, What, default).AllowedAsync());
        Assert.Equal(new GroupDiscard(0, 0), await Discards.DiscardGroupAsync([Store], filter, 5, 100, What, default).AllowedAsync());

        var open = (await EntriesAsync()).Where(e => e.Open).ToList();
        Assert.Equal([DeadLetterReasons.BlockedByPredecessor, later.Reason], open.Select(e => e.Reason).Order());
        Assert.Equal(open.Single(e => e.Reason == DeadLetterReasons.BlockedByPredecessor).Id, (await HeadAsync("b-1")).PositionOf(new ConsumerName(Consumer)).Blocked);
    }

    [Fact]
    public async Task G9_A_crash_at_any_io_of_a_discard_leaves_it_done_or_not_done()
    {
        await FailAsync("b-0");
        await HandleAsync(Cancelled("b-0", 2));
        for (var at = 1; at <= 10; at++)
        {
            foreach (var before in new[] { true, false })
            {
                var subject = Invariant($"b-{at}{(before ? "b" : "a")}");
                var head = await FailAsync(subject);
                await HandleAsync(Cancelled(subject, 2));
                var plan = new FaultPlan { CrashAt = await IosToConnectAsync() + at, Before = before };
                await using var dying = _simulation.Start(plan);
                using (await dying.Store(Names.Charges).ReadAsync(new Partition("warm"), _ => [], default))
                {
                }

                var isDead = false;
                try
                {
                    await dying.Services.GetRequiredService<DeadLetterDiscarder>().DiscardAsync(dying.Store(Names.Charges), new Partition(subject), head.Id, What, default);
                }
                catch (Exception) when (plan.IsDead)
                {
                    isDead = true;
                }

                // Done or not done, and either way the head and the entry agree.
                var (entry, position) = ((await EntriesAsync()).Single(e => e.Id == head.Id), (await HeadAsync(subject)).PositionOf(new ConsumerName(Consumer)));
                Assert.Equal((entry.Open ? 2 : 1, entry.Open), (position.Open, position.Blocked == head.Id));
                var again = await Discards.DiscardAsync(Store, new Partition(subject), head.Id, What, default);
                Assert.True(again is DiscardOutcome.Discarded or DiscardOutcome.AlreadyDiscarded);
                position = (await HeadAsync(subject)).PositionOf(new ConsumerName(Consumer));
                Assert.Equal(1, position.Open);
                Assert.EndsWith($":{subject}:2", position.Blocked?.Value);
                Assert.Equal(SettlementKind.Complete, (await HandleAsync(Made(subject, 1))).Kind);
                if (isDead)
                    continue;

                // Head, entry, the next one in line, and the batch.
                Assert.True(at > 4);
                return;
            }
        }

        Assert.Fail("A discard takes more I/O than expected.");
    }

    private async Task<int> IosToConnectAsync()
    {
        await using var process = _simulation.Start();
        using (await process.Store(Names.Charges).ReadAsync(new Partition("warm"), _ => [], default))
        {
        }

        return process.Plan.Count;
    }

    private async Task<DeadLetter> FailAsync(string booking)
    {
        await HandleAsync(Deliveries.Of(new RoomsReserved(booking), 1, "rooms"), "rooms/charges");
        Assert.Equal(SettlementKind.DeadLetter, (await HandleAsync(Made(booking, 1))).Kind);
        return (await EntriesAsync()).Single(e => e.Partition.Value == booking && e.Consumer.Value == Consumer);
    }

    private static ReceivedMessage Made(string booking, long sequence) =>
        Deliveries.Of(new BookingMade(booking, "g-1", "EUR", 10m, [new BookedRoom("a", 1, 10m)]), sequence);

    private static ReceivedMessage Cancelled(string booking, long sequence) => Deliveries.Of(new BookingCancelled(booking, "Changed my mind."), sequence);

    private Task<Settlement> HandleAsync(ReceivedMessage delivery, string consumer = Consumer) =>
        _process.Services.GetRequiredService<ConsumerRunners>().RunnerOf(consumer).HandleAsync(delivery, default);

    private Task<Settlement> TakeInAsync(ReceivedMessage delivery) =>
        _process.Services.GetRequiredService<ConsumerRunners>().DeadLetterQueueProcessorOf(Consumer).HandleAsync(delivery, default);

    private async Task<List<DeadLetter>> EntriesAsync() =>
        [.. (await Invariants.AllAsync(Charges, RecordKinds.DeadLetter)).Select((Func<System.Text.Json.JsonElement, DeadLetter>)(e => System.Text.Json.JsonSerializer.Deserialize<DeadLetter>(e, DeadLetterJson.Default.DeadLetter)!))];

    private async Task<PartitionHead> HeadAsync(string partition)
    {
        using var read = await Store.ReadAsync(new Partition(partition), _ => [], default);
        return read.Head;
    }
}
