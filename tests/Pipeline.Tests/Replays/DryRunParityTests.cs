using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Azure.Cosmos;
using Microsoft.Extensions.DependencyInjection;
using Pipeline.AzureFunctions.ChangeFeed;
using Pipeline.AzureFunctions.Consumers;
using Pipeline.Client;
using Pipeline.Consumers;
using Pipeline.Contracts.Inventory;
using Pipeline.Contracts.Ordering;
using Pipeline.Contracts.Payments;
using Pipeline.Contracts.Shipping;
using Pipeline.DeadLetters;
using Pipeline.Editing;
using Pipeline.Functions;
using Pipeline.Functions.Gateways;
using Pipeline.JsonPatches;
using Pipeline.Operations;
using Pipeline.Replay;
using Pipeline.Services;
using Pipeline.Services.Payments;
using Pipeline.Storage;

namespace Pipeline.Tests;

/// <summary>What a dry run says is what the real replay then does, whatever waits in the line.</summary>
public sealed class DryRunParityTests
{
    /// <summary>Consumers with what they read: sources, and events of a subject in some sequence.</summary>
    private static readonly (string Consumer, string Source, Func<Random, string, object> Event)[] Lines =
    [
        ("ordering/payments", "ordering", OfOrdering),
        ("ordering/shipping", "ordering", OfOrdering),
        ("ordering/inventory", "ordering", OfOrdering),
        ("payments/shipping", "payments", (random, order) => new PaymentCharged(order, 10m, random.Next(8) == 0 ? new string('x', 20_000) : "EUR")),
        ("payments/ordering", "payments", (random, order) => random.Next(2) == 0 ? new PaymentCharged(order, 10m, "EUR") : new PaymentFailed(order, "no")),
        ("inventory/ordering", "inventory", (random, order) => random.Next(2) == 0 ? new StockReserved(order) : new StockInsufficient(order, ["a"])),
        ("inventory/payments", "inventory", (_, order) => new StockReserved(order)),
        ("shipping/ordering", "shipping", (random, order) => random.Next(2) == 0 ? new OrderShipped(order, "c", "t") : new ShipmentFailed(order, "no")),
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
            var order = Invariant($"o-{i}");
            await process.PlaceAsync(i.ToString(CultureInfo.InvariantCulture), "c-1", ("a", 1));
            await PrepareAsync(process, random, order);
            foreach (var (consumer, source, makeEvent) in Lines.OrderBy(_ => random.Next()).Take(3))
                outcomes.AddRange(await CompareAsync(simulation, process, random, consumer, source, order, makeEvent));
        }

        // Otherwise this shows nothing.
        Assert.All(new[] { "handled", "failed", "alreadyHandled" }, o => Assert.Contains(o, outcomes));
        Assert.True(outcomes.Count(o => o is "handled" or "assumed") > 50);
    }

    /// <summary>Something in the state and at the gateways, so that the lines meet more than nothing.</summary>
    private static async Task PrepareAsync(SimulatedProcess process, Random random, string order)
    {
        if (random.Next(2) == 0)
            await HandleAsync(process, "inventory/payments", Deliveries.Of(new StockReserved(order), 1, "inventory"));
        if (random.Next(2) == 0)
            await HandleAsync(process, "payments/shipping", Deliveries.Of(new PaymentCharged(order, 10m, "EUR"), 1, "payments"));
        if (random.Next(3) == 0)
        {
            await HandleAsync(process, "ordering/shipping", Deliveries.Of(new OrderPlaced(order, "c-1", "EUR", 10m, [new OrderLine("a", 1, 10m)]), 1));
            if (random.Next(2) == 0)
                await ForgetParcelsAsync(process, order);
        }

        var gateway = new SimulatedPaymentGateway(process.Container(Names.Gateways), TimeProvider.System);
        if (random.Next(4) == 0)
            await gateway.ChargeAsync(Payment.ChargeKey(order), order, SimulatedPaymentGateway.DeclinedCustomer, 10m, "EUR", default);
    }

    /// <summary>A carrier that lost its records refuses recalls, at every attempt.</summary>
    private static async Task ForgetParcelsAsync(SimulatedProcess process, string order)
    {
        var gateways = process.Container(Names.Gateways);
        foreach (var record in (await Invariants.AllAsync(gateways, "carrier")).Where(r => r.GetProperty("pk").GetString() == order))
            await gateways.DeleteItemStreamAsync(record.GetProperty("id").GetString(), new PartitionKey(order));
    }

    /// <summary>Blocks the subject, lets a few events wait, tries, replays, and compares.</summary>
    private static async Task<List<string>> CompareAsync(
        Simulation simulation, SimulatedProcess process, Random random, string consumerName, string source, string order, Func<Random, string, object> makeEvent)
    {
        var consumer = Catalog.Consumers.Single(c => c.Name == consumerName);
        var store = process.Store(consumer.Service);

        // What earlier replays sent to it is not to come in between.
        await process.ConsumeAsync(consumerName);
        await process.TakeInAsync(consumerName);
        var sequence = (await HeadAsync(store, order)).PositionOf(new ConsumerName(consumerName)).Handled.GetValueOrDefault(source);
        var first = true;
        for (var n = random.Next(1, 6); n > 0; n--)
        {
            var delivery = random.Next(8) == 0
                ? new ReceivedMessage { Body = System.Text.Encoding.UTF8.GetBytes(Invariant($"{{ no json {n}")), SessionId = order, MessageId = Invariant($"{consumerName}-{order}-{n}"), DeliveryCount = 1 }
                : Deliveries.Of(makeEvent(random, order), ++sequence, source);

            // Given up unseen: it would be handled if it were tried.
            await HandleAsync(process, consumerName, first ? delivery with { DeliveryCount = 6 } : delivery);
            first = false;
        }

        if ((await HeadAsync(store, order)).PositionOf(new ConsumerName(consumerName)).Blocked is not { } blocked)
            return [];
        await EditAsync(process, store, random, order, consumerName, source);
        var start = await StateAsync(store, consumer, order);
        var snapshot = await StoreSnapshot.TakeAsync(simulation, process);
        var view = await process.Services.GetRequiredService<DryRun>().RunAsync(store, consumer, new Partition(order), blocked, 100, default).AllowedAsync();
        Assert.Equal(snapshot, await StoreSnapshot.TakeAsync(simulation, process));

        await ReplayAsync(process, store, consumer, order);

        var entries = (await Invariants.AllAsync(process.Container(consumer.Service), RecordKinds.DeadLetter))
            .Select(e => e.Deserialize(DeadLetterJson.Default.DeadLetter)!).ToDictionary(e => e.Id);
        var inbox = (await Flows.PageAsync(store, null, default)).Items.Where(h => h.Partition == order && h.Consumer == consumerName).ToDictionary(h => h.EventId);
        foreach (var step in view.Steps)
        {
            var entry = entries[new DeadLetterId(step.Entry)];
            Assert.Equal(step.Outcome == "assumed" ? "handled" : step.Outcome, entry.Open ? "failed" : entry.Result);
            if (step.Outcome == "failed")
                Assert.StartsWith($"failed again: {step.Reason}: {step.Description!.Split('\n')[0]}", entry.History[^1].What, StringComparison.Ordinal);
            if (step.Outcome is "handled" or "assumed")
                Assert.Equal(inbox[step.EventId!].Caused, step.Messages.Select(m => m.EventId));
        }

        Assert.Equal(view.NotReached, Math.Max(0, entries.Values.Count(e => e.Open && e.InOrder && e.Partition.Value == order && e.Consumer.Value == consumerName) - (view.Steps[^1].Outcome == "failed" ? 1 : 0)));
        var expected = Applied(start, view.Steps.SelectMany(s => s.State));
        var actual = await StateAsync(store, consumer, order);
        Assert.True(JsonNode.DeepEquals(Comparable(expected), Comparable(actual)), $"{consumerName} {order}\n{expected}\n{actual}");
        return [.. view.Steps.Select(s => s.Outcome)];
    }

    /// <summary>Makes some of what cannot be read into an event: one that was handled before, or one that is new.</summary>
    private static async Task EditAsync(SimulatedProcess process, CosmosPartitionStore store, Random random, string order, string consumer, string source)
    {
        var edits = process.Services.GetRequiredService<DeadLetterEditor>();
        foreach (var entry in (await DeadLetterQueries.ListAsync(store, new DeadLetterFilter { Partition = order, Consumer = consumer, Open = true }, 100, null, default)).Items)
        {
            if (entry.EventId is not null)
                continue;
            var handled = (await Flows.PageAsync(store, null, default)).Items.FirstOrDefault(h => h.Partition == order && h.Consumer == consumer && h.Sequence is not null);
            if (handled is null || random.Next(2) == 0)
                continue;
            var line = Lines.Single(l => l.Consumer == consumer);
            var body = System.Text.Encoding.UTF8.GetString(Deliveries.Of(line.Event(random, order), handled.Sequence, source).Body.Span);
            var editing = MessageEdit.Create(null, JsonSerializer.Deserialize<JsonElement>(body), "found", "ann", null, out _)!;
            var result = await edits.EditAsync(store, new Partition(order), new DeadLetterId(entry.Id), editing, default);
            Assert.True(result.Outcome == EditOutcome.Edited || result.Path == "$.lines[0].quantity", result.Reason);
        }
    }

    /// <summary>Only this consumer: what it sends stays in the broker, so that nobody else changes anything meanwhile.</summary>
    private static async Task ReplayAsync(SimulatedProcess process, CosmosPartitionStore store, Consumer consumer, string order)
    {
        var replay = await process.ReplayAsync(new DeadLetterFilter { Partition = order, Consumer = consumer.Name });
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

    /// <summary>Without what nobody can know before the carrier was asked, and what is shown only in part.</summary>
    private static JsonNode? Comparable(JsonNode? state)
    {
        if (state?.DeepClone() is not JsonObject members)
            return state;
        foreach (var name in new[] { "carrier", "trackingNumber" })
        {
            if (members[name] is not null)
                members[name] = "?";
        }

        return members;
    }

    private static object OfOrdering(Random random, string order) => random.Next(5) switch
    {
        0 => new OrderCancelled(order, "Changed my mind."),
        1 => new OrderPlaced(order, "c-1", "EUR", 10m, [new OrderLine("a", 0, 10m)]),
        _ => new OrderPlaced(order, "c-1", "EUR", 10m, [new OrderLine("a", 1, 10m), new OrderLine("b", random.Next(1, 3), 10m)]),
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
