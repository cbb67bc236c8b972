using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Azure.Cosmos;
using Microsoft.Extensions.DependencyInjection;
using Pipeline.AzureFunctions.ChangeFeed;
using Pipeline.AzureFunctions.Consumers;
using Pipeline.BookingApp;
using Pipeline.Client;
using Pipeline.Consumers;
using Pipeline.DeadLetters;
using Pipeline.Editing;
using Pipeline.JsonPatches;
using Pipeline.Operations;
using Pipeline.Replay;
using Pipeline.Storage;

namespace Pipeline.Tests;

/// <summary>What a dry run says is what the real replay then does, whatever waits in the line.</summary>
public sealed class DryRunParityTests
{
    /// <summary>Consumers with what they read: sources, and events of a subject in some sequence.</summary>
    private static readonly (string Consumer, string Source, Func<Random, string, object> Event)[] Lines =
    [
        ("bookings/charges", "bookings", OfBookings),
        ("bookings/keys", "bookings", OfBookings),
        ("bookings/rooms", "bookings", OfBookings),
        ("charges/keys", "charges", (random, booking) => new ChargeMade(booking, 10m, random.Next(8) == 0 ? new string('x', 20_000) : "EUR")),
        ("charges/bookings", "charges", (random, booking) => random.Next(2) == 0 ? new ChargeMade(booking, 10m, "EUR") : new ChargeFailed(booking, "no")),
        ("rooms/bookings", "rooms", (random, booking) => random.Next(2) == 0 ? new RoomsReserved(booking) : new RoomsUnavailable(booking, ["a"])),
        ("rooms/charges", "rooms", (_, booking) => new RoomsReserved(booking)),
        ("keys/bookings", "keys", (random, booking) => random.Next(2) == 0 ? new KeyIssued(booking, "g-1", "t") : new KeyRefused(booking, "no")),
    ];

    public static TheoryData<int> Seeds => TestLoad.Seeds(2);

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task G6_The_prediction_of_a_dry_run_equals_what_the_replay_does(int seed)
    {
        var random = new Random(seed);
        await using var simulation = new Simulation();
        await using var process = simulation.Start();
        var outcomes = new List<string>();
        for (var i = 0; i < 25; i++)
        {
            var booking = Invariant($"b-{i}");
            await process.BookAsync(i.ToString(CultureInfo.InvariantCulture), "g-1", ("a", 1));
            await PrepareAsync(process, random, booking);
            foreach (var (consumer, source, makeEvent) in Lines.OrderBy(_ => random.Next()).Take(3))
                outcomes.AddRange(await CompareAsync(simulation, process, random, consumer, source, booking, makeEvent));
        }

        // Otherwise this shows nothing.
        Assert.All(new[] { "handled", "failed", "alreadyHandled" }, o => Assert.Contains(o, outcomes));
        Assert.True(outcomes.Count(o => o is "handled" or "assumed") > 50);
    }

    /// <summary>Something in the state and at the gateways, so that the lines meet more than nothing.</summary>
    private static async Task PrepareAsync(SimulatedProcess process, Random random, string booking)
    {
        if (random.Next(2) == 0)
            await HandleAsync(process, "rooms/charges", Deliveries.Of(new RoomsReserved(booking), 1, "rooms"));
        if (random.Next(2) == 0)
            await HandleAsync(process, "charges/keys", Deliveries.Of(new ChargeMade(booking, 10m, "EUR"), 1, "charges"));
        if (random.Next(3) == 0)
        {
            await HandleAsync(process, "bookings/keys", Deliveries.Of(new BookingMade(booking, "g-1", "EUR", 10m, [new BookedRoom("a", 1, 10m)]), 1));
            if (random.Next(2) == 0)
                await ForgetKeysAsync(process, booking);
        }

        var gateway = new SimulatedChargeGateway(process.Container(Names.Gateways), TimeProvider.System);
        if (random.Next(4) == 0)
            await gateway.ChargeAsync(Charge.ChargeKey(booking), booking, SimulatedChargeGateway.DeclinedGuest, 10m, "EUR", default);
    }

    /// <summary>A lock system that lost its records refuses to revoke keys, at every attempt.</summary>
    private static async Task ForgetKeysAsync(SimulatedProcess process, string booking)
    {
        var gateways = process.Container(Names.Gateways);
        foreach (var record in (await Invariants.AllAsync(gateways, "lock")).Where(r => r.GetProperty("pk").GetString() == booking))
            await gateways.DeleteItemStreamAsync(record.GetProperty("id").GetString(), new PartitionKey(booking));
    }

    /// <summary>Blocks the subject, lets a few events wait, tries, replays, and compares.</summary>
    private static async Task<List<string>> CompareAsync(
        Simulation simulation, SimulatedProcess process, Random random, string consumerName, string source, string booking, Func<Random, string, object> makeEvent)
    {
        var consumer = App.Definition.Consumers.Single(c => c.Name == consumerName);
        var store = process.Store(consumer.Service);

        // What earlier replays sent to it is not to come in between.
        await process.ConsumeAsync(consumerName);
        await process.TakeInAsync(consumerName);
        var sequence = (await HeadAsync(store, booking)).PositionOf(new ConsumerName(consumerName)).Handled.GetValueOrDefault(source);
        var first = true;
        for (var n = random.Next(1, 6); n > 0; n--)
        {
            var delivery = random.Next(8) == 0
                ? new ReceivedMessage { Body = System.Text.Encoding.UTF8.GetBytes(Invariant($"{{ no json {n}")), SessionId = booking, MessageId = Invariant($"{consumerName}-{booking}-{n}"), DeliveryCount = 1 }
                : Deliveries.Of(makeEvent(random, booking), ++sequence, source);

            // Given up unseen: it would be handled if it were tried.
            await HandleAsync(process, consumerName, first ? delivery with { DeliveryCount = 6 } : delivery);
            first = false;
        }

        if ((await HeadAsync(store, booking)).PositionOf(new ConsumerName(consumerName)).Blocked is not { } blocked)
            return [];
        await EditAsync(process, store, random, booking, consumerName, source);
        var start = await StateAsync(store, consumer, booking);
        var snapshot = await StoreSnapshot.TakeAsync(simulation, process);
        var view = await process.Services.GetRequiredService<DryRun>().RunAsync(store, consumer, new Partition(booking), blocked, 100, default).AllowedAsync();
        Assert.Equal(snapshot, await StoreSnapshot.TakeAsync(simulation, process));

        await ReplayAsync(process, store, consumer, booking);

        var entries = (await Invariants.AllAsync(process.Container(consumer.Service), RecordKinds.DeadLetter))
            .Select(e => e.Deserialize(DeadLetterJson.Default.DeadLetter)!).ToDictionary(e => e.Id);
        var inbox = (await Flows.PageAsync(store, null, default)).Items.Where(h => h.Partition == booking && h.Consumer == consumerName).ToDictionary(h => h.EventId);
        foreach (var step in view.Steps)
        {
            var entry = entries[new DeadLetterId(step.Entry)];
            Assert.Equal(step.Outcome == "assumed" ? "handled" : step.Outcome, entry.Open ? "failed" : entry.Result);
            if (step.Outcome == "failed")
                Assert.StartsWith($"failed again: {step.Reason}: {step.Description!.Split('\n')[0]}", entry.History[^1].What, StringComparison.Ordinal);
            if (step.Outcome is "handled" or "assumed")
                Assert.Equal(inbox[step.EventId!].Caused, step.Messages.Select(m => m.EventId));
        }

        Assert.Equal(view.NotReached, Math.Max(0, entries.Values.Count(e => e.Open && e.InOrder && e.Partition.Value == booking && e.Consumer.Value == consumerName) - (view.Steps[^1].Outcome == "failed" ? 1 : 0)));
        var expected = Applied(start, view.Steps.SelectMany(s => s.State));
        var actual = await StateAsync(store, consumer, booking);
        Assert.True(JsonNode.DeepEquals(Comparable(expected), Comparable(actual)), $"{consumerName} {booking}\n{expected}\n{actual}");
        return [.. view.Steps.Select(s => s.Outcome)];
    }

    /// <summary>Makes some of what cannot be read into an event: one that was handled before, or one that is new.</summary>
    private static async Task EditAsync(SimulatedProcess process, CosmosPartitionStore store, Random random, string booking, string consumer, string source)
    {
        var edits = process.Services.GetRequiredService<DeadLetterEditor>();
        foreach (var entry in (await DeadLetterQueries.ListAsync(store, new DeadLetterFilter { Partition = booking, Consumer = consumer, Open = true }, 100, null, default)).Items)
        {
            if (entry.EventId is not null)
                continue;
            var handled = (await Flows.PageAsync(store, null, default)).Items.FirstOrDefault(h => h.Partition == booking && h.Consumer == consumer && h.Sequence is not null);
            if (handled is null || random.Next(2) == 0)
                continue;
            var line = Lines.Single(l => l.Consumer == consumer);
            var body = System.Text.Encoding.UTF8.GetString(Deliveries.Of(line.Event(random, booking), handled.Sequence, source).Body.Span);
            var editing = MessageEdit.Create(null, JsonSerializer.Deserialize<JsonElement>(body), "found", "ann", null, out _)!;
            var result = await edits.EditAsync(store, new Partition(booking), new DeadLetterId(entry.Id), editing, default);
            Assert.True(result.Outcome == EditOutcome.Edited || result.Path == "$.rooms[0].count", result.Reason);
        }
    }

    /// <summary>Only this consumer: what it sends stays in the broker, so that nobody else changes anything meanwhile.</summary>
    private static async Task ReplayAsync(SimulatedProcess process, CosmosPartitionStore store, Consumer consumer, string booking)
    {
        var replay = await process.ReplayAsync(new DeadLetterFilter { Partition = booking, Consumer = consumer.Name });
        var relay = process.Relays.Single(r => r.Name == store.Name);
        for (var round = 0; round < 1000; round++)
        {
            while (await process.FeedAsync(relay))
            {
            }

            if ((await process.Replays.FindAsync(replay.ReplayId, default))!.Status != ReplayStatus.Applying)
                return;
            await process.ConsumeAsync(consumer.Name);
        }

        Assert.Fail("The replay does not end.");
    }

    private static JsonNode? Applied(JsonNode? state, IEnumerable<StateChange> changes)
    {
        foreach (var change in changes)
        {
            Assert.Equal(0, change.More);
            var patch = new JsonArray();
            foreach (var d in change.Changes.OrderBy(d => d.Kind == "removed" ? 0 : 1).ThenByDescending(d => d.Kind == "removed" ? d.Path : "", StringComparer.Ordinal))
            {
                patch.Add(d.Kind == "removed"
                    ? new JsonObject { ["op"] = "remove", ["path"] = d.Path }
                    : new JsonObject { ["op"] = d.Kind == "changed" ? "replace" : "add", ["path"] = d.Path, ["value"] = d.New?.DeepClone() });
            }

            state = JsonPatch.Parse(System.Text.Encoding.UTF8.GetBytes(patch.ToJsonString())).Apply(state);
        }

        return state;
    }

    /// <summary>Without what nobody can know before the lock system was asked, and what is shown only in part.</summary>
    private static JsonNode? Comparable(JsonNode? state)
    {
        if (state?.DeepClone() is not JsonObject members)
            return state;
        foreach (var name in new[] { "number" })
        {
            if (members[name] is not null)
                members[name] = "?";
        }

        return members;
    }

    private static object OfBookings(Random random, string booking) => random.Next(5) switch
    {
        0 => new BookingCancelled(booking, "Changed my mind."),
        1 => new BookingMade(booking, "g-1", "EUR", 10m, [new BookedRoom("a", 0, 10m)]),
        _ => new BookingMade(booking, "g-1", "EUR", 10m, [new BookedRoom("a", 1, 10m), new BookedRoom("b", random.Next(1, 3), 10m)]),
    };

    private static Task<Settlement> HandleAsync(SimulatedProcess process, string consumer, ReceivedMessage delivery) =>
        process.Services.GetRequiredService<ConsumerRunners>().RunnerOf(consumer).HandleAsync(delivery, default);

    private static async Task<PartitionHead> HeadAsync(CosmosPartitionStore store, string partition)
    {
        using var read = await store.ReadAsync(new Partition(partition), _ => [], default);
        return read.Head;
    }

    private static async Task<JsonNode?> StateAsync(CosmosPartitionStore store, Consumer consumer, string partition)
    {
        var handlers = HandlerInvoker.Of(consumer);
        using var read = await store.ReadAsync(new Partition(partition), handlers.StateRecordsOf, default);
        return handlers.ShowState(read);
    }
}
