using System.Text.Json.Nodes;
using Microsoft.Azure.Cosmos;
using Microsoft.Extensions.DependencyInjection;
using Pipeline.AzureFunctions.Consumers;
using Pipeline.BookingApp;
using Pipeline.Consumers;
using Pipeline.DeadLetters;
using Pipeline.Failures;
using Pipeline.Operations;
using Pipeline.Storage;

namespace Pipeline.Tests;

/// <summary>
/// Records of a partition that are missing or cannot be read are damage, not an outage: a dead letter says so and blocks the
/// subject, or, where none can be kept, the partition is listed as damaged and its messages stay in the broker.
/// </summary>
public sealed class DamageTests : IAsyncLifetime
{
    private const string Booker = "rooms/bookings";
    private const string Charger = "bookings/charges";

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
    public async Task A_stream_whose_events_are_missing_is_a_dead_letter_that_names_them_and_blocks_its_subject()
    {
        await _process.BookAsync("1", "g-1", ("a", 1));
        var lost = await TakeAwayAsync(Names.Bookings, "b-1", Ids.Event(1));

        var first = await HandleAsync(Booker, Deliveries.Of(new RoomsUnavailable("b-1", ["a"]), 1, "rooms"));
        var second = await HandleAsync(Booker, Deliveries.Of(new RoomsReserved("b-1"), 2, "rooms"));

        Assert.Equal((SettlementKind.DeadLetter, DeadLetterReasons.DamagedPartition), (first.Kind, first.Reason));
        Assert.Equal(DeadLetterReasons.BlockedByPredecessor, second.Reason);
        var blocked = Assert.Single((await BlockedSubjects.ListAsync(Store(Names.Bookings), null, 10, null, default)).Items);
        Assert.Equal(("b-1", Booker, "damaged", DeadLetterReasons.DamagedPartition, 1), (blocked.Partition, blocked.Consumer, blocked.Status, blocked.Reason, blocked.Waiting));
        Assert.Contains(Ids.Event(1), blocked.Detail, StringComparison.Ordinal);
        Assert.Equal(1, (await ContainerStatusReader.ReadAsync(Store(Names.Bookings), _simulation.Clock, default)).Damaged);
        var entry = (await DeadLetterQueries.ShowAsync(Store(Names.Bookings), new Partition("b-1"), new DeadLetterId(blocked.Entry!), default))!;
        Assert.StartsWith("The partition 'b-1' of 'bookings' is damaged: 'ev:", entry.Description, StringComparison.Ordinal);
        Assert.Null(entry.RetryAt);

        // Replayed too early it is still damaged; restored, it goes on where it stood.
        await _process.ReplayAsync(new DeadLetterFilter { Partition = "b-1", Consumer = Booker });
        await _process.RunUntilQuietAsync();
        Assert.Equal(1, (await DeadLetterQueries.ShowAsync(Store(Names.Bookings), new Partition("b-1"), new DeadLetterId(blocked.Entry!), default))!.Attempt);
        await PutAsync(Names.Bookings, lost);
        await _process.ReplayAsync(new DeadLetterFilter { Partition = "b-1", Consumer = Booker });
        await _process.RunUntilQuietAsync();
        Assert.Empty((await BlockedSubjects.ListAsync(Store(Names.Bookings), null, 10, null, default)).Items);
        Assert.Equal(0, (await ContainerStatusReader.ReadAsync(Store(Names.Bookings), _simulation.Clock, default)).Damaged);
    }

    [Theory]
    [InlineData("delete")]
    [InlineData("no data")]
    [InlineData("null")]
    [InlineData("another shape")]
    public async Task A_state_that_is_missing_or_cannot_be_read_is_damage_and_never_taken_for_none(string how)
    {
        await HandleAsync(Charger, Made("b-1", 1));
        var state = await TakeAwayAsync(Names.Charges, "b-1", Ids.State);
        if (how != "delete")
        {
            var broken = state.DeepClone().AsObject();
            broken.Remove("data");
            if (how == "null")
                broken["data"] = null;
            if (how == "another shape")
                broken["data"] = new JsonArray(1);
            await PutAsync(Names.Charges, broken);
        }

        var settlement = await HandleAsync(Charger, Deliveries.Of(new BookingCancelled("b-1", "Changed my mind."), 2));

        Assert.Equal((SettlementKind.DeadLetter, DeadLetterReasons.DamagedPartition), (settlement.Kind, settlement.Reason));
        Assert.Contains($"'{Ids.State}'", settlement.Description, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_event_that_cannot_be_read_and_one_that_stands_where_none_may_be_are_damage()
    {
        await _process.BookAsync("1", "g-1", ("a", 1));
        var event1 = await TakeAwayAsync(Names.Bookings, "b-1", Ids.Event(1));
        var broken = event1.DeepClone().AsObject();
        broken["data"] = new JsonObject { ["type"] = "Unheard-of" };
        await PutAsync(Names.Bookings, broken);
        Assert.Equal(DeadLetterReasons.DamagedPartition, (await HandleAsync(Booker, Deliveries.Of(new RoomsUnavailable("b-1", ["a"]), 1, "rooms"))).Reason);

        await _process.BookAsync("2", "g-1", ("a", 1));
        var event2 = event1.DeepClone().AsObject();
        (event2["id"], event2["pk"]) = (Ids.Event(2), "b-2");
        await PutAsync(Names.Bookings, event2);
        var settlement = await HandleAsync(Booker, Deliveries.Of(new RoomsUnavailable("b-2", ["a"]), 1, "rooms"));
        Assert.Equal(DeadLetterReasons.DamagedPartition, settlement.Reason);
        Assert.Contains($"'{Ids.Event(2)}' is there, though its head says that nothing is there yet", settlement.Description, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Without_a_sound_head_the_message_stays_in_the_broker_and_the_partition_is_listed_as_damaged(bool isMissing)
    {
        await HandleAsync(Charger, Made("b-1", 1));
        var head = await TakeAwayAsync(Names.Charges, "b-1", Ids.Head);
        if (!isMissing)
            await PutAsync(Names.Charges, new JsonObject { ["id"] = Ids.Head, ["pk"] = "b-1", ["kind"] = "head", ["consumers"] = 7 });
        var before = _simulation.Clock.GetUtcNow();
        var cancelled = Deliveries.Of(new BookingCancelled("b-1", "Changed my mind."), 2);

        Assert.Equal(SettlementKind.GiveBack, (await HandleAsync(Charger, cancelled)).Kind);
        Assert.Equal(SettlementKind.GiveBack, (await HandleAsync(Charger, cancelled)).Kind);

        var damaged = Assert.Single((await BlockedSubjects.ListAsync(Store(Names.Charges), new ConsumerName(Charger), 10, null, default)).Items);
        Assert.Equal(("b-1", Charger, "damaged", null), (damaged.Partition, damaged.Consumer, damaged.Status, damaged.Entry));
        Assert.Contains("head", damaged.Detail, StringComparison.Ordinal);
        Assert.InRange(damaged.Since, before, before.AddSeconds(5));
        Assert.Equal(1, (await ContainerStatusReader.ReadAsync(Store(Names.Charges), _simulation.Clock, default)).Damaged);
        Assert.Empty(await Invariants.AllAsync(_process.Container(Names.Charges), RecordKinds.DeadLetter));

        await PutAsync(Names.Charges, head);
        Assert.Equal(SettlementKind.Complete, (await HandleAsync(Charger, cancelled)).Kind);
    }

    [Fact]
    public async Task A_ledger_entry_that_cannot_be_read_hides_no_other_and_is_listed_as_damaged()
    {
        await HandleAsync(Charger, Deliveries.Of(new BookingMade("b-1", "g-1", "EUR", 10m, [new BookedRoom("a", 0, 10m)]), 1));
        await HandleAsync(Charger, Deliveries.Of(new BookingMade("b-2", "g-1", "EUR", 10m, [new BookedRoom("a", 0, 10m)]), 1));
        var id = (await DeadLetterQueries.ListAsync(Store(Names.Charges), new DeadLetterFilter { Partition = "b-1" }, 10, null, default)).Items.Single().Id;
        var entry = await TakeAwayAsync(Names.Charges, "b-1", id);
        entry.Remove("consumer");
        entry.Remove("reason");
        await PutAsync(Names.Charges, entry);

        var listed = (await DeadLetterQueries.ListAsync(Store(Names.Charges), new DeadLetterFilter { Open = true }, 10, null, default)).Items;
        Assert.Equal([("b-1", "damaged"), ("b-2", "open")], listed.OrderBy(e => e.Partition).Select(e => (e.Partition, e.Status)));
        Assert.Equal((1, 1), await ContainerStatusReader.ReadAsync(Store(Names.Charges), _simulation.Clock, default) is var s ? (s.Damaged, s.OpenDeadLetters) : default);
        Assert.Equal(["b-2"], (await BlockedSubjects.ListAsync(Store(Names.Charges), null, 10, null, default)).Items.Select(b => b.Partition));
        var groups = new DeadLetterGroups();
        await groups.AddAsync(Store(Names.Charges), new DeadLetterFilter { Open = true }, default);
        Assert.Equal(2, groups.Total);

        // Its message, delivered again, must not be lost to an entry that keeps nothing.
        Assert.Equal(SettlementKind.GiveBack, (await HandleAsync(Charger, Deliveries.Of(new BookingMade("b-1", "g-1", "EUR", 10m, [new BookedRoom("a", 0, 10m)]), 1))).Kind);
        Assert.Contains((await BlockedSubjects.ListAsync(Store(Names.Charges), null, 10, null, default)).Items, b => (b.Partition, b.Status) == ("b-1", "damaged"));
    }

    [Fact]
    public async Task A_command_meets_damage_as_such_and_it_is_listed()
    {
        await _process.BookAsync("1", "g-1", ("a", 1));
        await TakeAwayAsync(Names.Bookings, "b-1", Ids.Event(1));

        var damage = await Assert.ThrowsAsync<DamagedPartitionException>(() => _process.CancelAsync("b-1"));

        Assert.Equal(("bookings", "b-1"), (damage.Container, damage.Partition.Value));
        Assert.Equal("damaged", Assert.Single((await BlockedSubjects.ListAsync(Store(Names.Bookings), null, 10, null, default)).Items).Status);
    }

    [Fact]
    public async Task The_dry_run_of_a_damaged_subject_says_what_is_missing()
    {
        await HandleAsync(Charger, Made("b-1", 1));
        await TakeAwayAsync(Names.Charges, "b-1", Ids.State);
        await HandleAsync(Charger, Deliveries.Of(new BookingCancelled("b-1", "Changed my mind."), 2));
        var entry = Assert.Single((await BlockedSubjects.ListAsync(Store(Names.Charges), null, 10, null, default)).Items).Entry!;
        var consumer = _process.Services.GetServices<Consumer>().Single(c => c.Name == Charger);

        var view = await _process.Services.GetRequiredService<Replay.DryRun>().RunAsync(Store(Names.Charges), consumer, new Partition("b-1"), new DeadLetterId(entry), 10, default).AllowedAsync();

        var step = Assert.Single(view.Steps);
        Assert.Equal(("failed", DeadLetterReasons.DamagedPartition), (step.Outcome, step.Reason));
        Assert.Contains($"'{Ids.State}' is missing", step.Description, StringComparison.Ordinal);
    }

    private CosmosPartitionStore Store(string container) => _process.Store(container);

    private static ReceivedMessage Made(string booking, long sequence) =>
        Deliveries.Of(new BookingMade(booking, "g-1", "EUR", 10m, [new BookedRoom("a", 1, 10m)]), sequence);

    private Task<Settlement> HandleAsync(string consumer, ReceivedMessage delivery) =>
        _process.Services.GetRequiredService<ConsumerRunners>().RunnerOf(consumer).HandleAsync(delivery, default);

    /// <summary>Deletes a record, and returns it to be put back.</summary>
    private async Task<JsonObject> TakeAwayAsync(string container, string partition, string id)
    {
        using var read = await _process.Container(container).ReadItemStreamAsync(id, new PartitionKey(partition));
        var record = JsonNode.Parse(read.Content)!.AsObject();
        using var deleted = await _process.Container(container).DeleteItemStreamAsync(id, new PartitionKey(partition));
        deleted.EnsureSuccessStatusCode();
        foreach (var system in record.Select(p => p.Key).Where(k => k[0] == '_').ToList())
            record.Remove(system);
        return record;
    }

    private async Task PutAsync(string container, JsonObject record)
    {
        using var body = new MemoryStream(System.Text.Encoding.UTF8.GetBytes(record.ToJsonString()));
        using var response = await _process.Container(container).UpsertItemStreamAsync(body, new PartitionKey((string)record["pk"]!));
        response.EnsureSuccessStatusCode();
    }
}
