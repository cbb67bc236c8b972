using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Pipeline.AzureFunctions.Consumers;
using Pipeline.AzureFunctions.Http;
using Pipeline.Commands;
using Pipeline.Consumers;
using Pipeline.Contracts;
using Pipeline.Contracts.Ordering;
using Pipeline.Decisions;
using Pipeline.Functions;
using Pipeline.Messages;
using Pipeline.Outbox;
using Pipeline.Services;
using Pipeline.Services.Ordering;

namespace Pipeline.Tests.ContractRules;

/// <summary>Two versions of one event side by side: one fact, one sequence, one effect.</summary>
public sealed class VersionTests
{
    private const string V1 = "com.contoso.ordering.order-placed.v1";
    private const string V2 = "com.contoso.ordering.order-placed.v2";

    [Fact]
    public void Whatever_version_1_says_version_2_says_too_and_back()
    {
        var (first, second) = (ContractCatalog.Find(V1)!, ContractCatalog.Find(V2)!);
        var documents = new Documents(new Random(31));
        for (var i = 0; i < 300; i++)
        {
            Assert.Null(first.TryRead(JsonSerializer.SerializeToUtf8Bytes(documents.Valid(first)), out var old));
            var lifted = first.Upcast!.Value.Map(old!);
            Assert.Null(second.WhatIsWrongWith(lifted));
            Assert.Equal(first.KeyOf(old!), second.KeyOf(lifted));
            Assert.Equal(JsonSerializer.Serialize(old, first.Json), JsonSerializer.Serialize(second.Downcast!.Value.Map(lifted), first.Json));
        }
    }

    /// <summary>Back and forth alone would not show what goes wrong the same in both directions.</summary>
    [Theory]
    [InlineData("full")]
    [InlineData("minimal")]
    public void A_stored_sample_of_version_1_becomes_that_of_version_2_which_says_the_same_and_back(string name)
    {
        var (first, second) = (ContractCatalog.Find(V1)!, ContractCatalog.Find(V2)!);
        var (old, young) = (DataOf(first), DataOf(second));
        Assert.Null(first.TryRead(JsonSerializer.SerializeToUtf8Bytes(old), out var v1));
        Assert.Null(second.TryRead(JsonSerializer.SerializeToUtf8Bytes(young), out var v2));
        Assert.True(JsonNode.DeepEquals(young, JsonSerializer.SerializeToNode(first.Upcast!.Value.Map(v1!), second.Json)));
        Assert.True(JsonNode.DeepEquals(old, JsonSerializer.SerializeToNode(second.Downcast!.Value.Map(v2!), first.Json)));

        JsonNode DataOf(Contract contract) => JsonNode.Parse(Sample.All.Single(s => s.Contract == contract && s.Name == name).Data.GetRawText())!;
    }

    [Fact]
    public async Task A_fact_is_published_in_both_versions_under_one_number()
    {
        await using var simulation = new Simulation();
        await using var process = simulation.Start();
        await process.PlaceAsync("1", "c-1", ("a", 1));
        await process.CancelAsync("o-1");

        var records = (await Invariants.AllAsync(process.Container(Names.Ordering), "outbox")).OrderBy(r => r.GetProperty("first").GetInt64()).ToList();
        Assert.Equal([(1, 1), (2, 3)], records.Select(r => (r.GetProperty("first").GetInt32(), r.GetProperty("last").GetInt32())));
        var messages = records[0].GetProperty("messages").EnumerateArray().ToList();
        Assert.Equal([1, 1], messages.Select(m => m.GetProperty("number").GetInt32()));
        var events = messages.Select(m => m.GetProperty("event")).ToList();
        Assert.Equal([(V2, "ordering:o-1:1"), (V1, "ordering:o-1:1.v1")], events.Select(e => (e.GetProperty("type").GetString()!, e.GetProperty("id").GetString()!)));
        foreach (var shared in new[] { "source", "subject", "sequence", "partitionkey", "time", "correlationid", "causationid" })
            Assert.Equal(events[0].GetProperty(shared).GetString(), events[1].GetProperty(shared).GetString());
        Assert.Equal("EUR", events[0].GetProperty("data").GetProperty("total").GetProperty("currency").GetString());
        Assert.Equal("EUR", events[1].GetProperty("data").GetProperty("currency").GetString());
        Assert.Equal("0000000000000000002", records[1].GetProperty("messages")[0].GetProperty("event").GetProperty("sequence").GetString());

        await process.RunUntilQuietAsync();
        Assert.Superset(new HashSet<string> { "ordering:o-1:1", "ordering:o-1:1.v1" }, simulation.EventGrid.Taken.ToHashSet());
    }

    [Theory]
    [InlineData("ordering/inventory", true)]
    [InlineData("ordering/inventory", false)]
    [InlineData("ordering/payments", true)]
    [InlineData("ordering/payments", false)]
    public async Task G4_A_consumer_that_gets_both_versions_handles_the_fact_once(string consumer, bool oldFirst)
    {
        await using var simulation = new Simulation();
        await using var process = simulation.Start();
        var runner = process.Services.GetRequiredService<ConsumerRunners>().RunnerOf(consumer);
        ReceivedMessage[] deliveries = [Deliveries.Of(OrderPlacedVersions.Downcast(Placed), 1, id: "ordering:o-1:1.v1"), Deliveries.Of(Placed, 1)];
        foreach (var delivery in (oldFirst ? deliveries : [.. deliveries.Reverse()]).Concat(deliveries))
            Assert.Equal(SettlementKind.Complete, (await runner.HandleAsync(delivery, default)).Kind);

        var container = process.Container(consumer.Split('/')[1]);
        var inbox = Assert.Single(await Invariants.AllAsync(container, "inbox"));
        Assert.Equal(oldFirst ? V1 : V2, inbox.GetProperty("type").GetString());
        Assert.Equal(3, inbox.GetProperty("duplicates").GetInt32());
        Assert.Empty(await Invariants.AllAsync(container, "deadletter"));
    }

    /// <summary>A consumer's move from one version to the next: its subscription has both for a while. Killed before and after every I/O.</summary>
    [Fact]
    public async Task G9_G4_Both_versions_reach_one_consumer_and_a_crash_anywhere_changes_nothing()
    {
        var topology = Path.Combine(AppContext.BaseDirectory, "both-versions-topology.json");
        var json = JsonNode.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "topology.json")))!;
        foreach (var name in new[] { "inventory", "payments" })
        {
            json["serviceBus"]!["topics"]!.AsArray().Single(t => (string)t!["name"]! == "ordering")!["subscriptions"]!.AsArray()
                .Single(s => (string)s!["name"]! == name)!["types"]!.AsArray().Add(V1);
        }

        await File.WriteAllTextAsync(topology, json.ToJsonString());
        var (clean, operations) = await RunAsync(topology, null, before: false);
        Assert.Contains("duplicates of ordering/payments: 1", clean, StringComparison.Ordinal);
        for (var at = 1; at <= operations; at++)
        {
            foreach (var before in new[] { true, false })
                Assert.Equal(EffectsOf(clean), EffectsOf((await RunAsync(topology, at, before)).Result));
        }
    }

    [Fact]
    public async Task What_the_older_version_cannot_say_is_an_error_at_the_source_and_writes_nothing()
    {
        await using var simulation = new Simulation();
        await using var process = simulation.Start();
        var error = await Assert.ThrowsAsync<InvalidMessageException>(() => process.Orders.RunAsync(
            new HttpCommand { Partition = "o-1", IdempotencyKey = "1", RequestHash = "1", Type = "PlaceOrder" },
            (_, _) => Decision<Order>.Append(new OrderEvent.Placed("o-1", "c-1", "EUR", 1m, [new OrderLine("a", 1, 1m)]))
                .Publish(Placed with { Lines = [new OrderLineV2("a", 1, new Amount(1m, "USD"))] }),
            default));
        Assert.Contains($"'{V2}' cannot be published as the version before, which is still read: The line of 'a' is in USD", error.Message, StringComparison.Ordinal);
        foreach (var kind in new[] { "head", "inbox", "event", "outbox" })
            Assert.Empty(await Invariants.AllAsync(process.Container(Names.Ordering), kind));
    }

    [Fact]
    public async Task A_retired_version_is_quarantined_by_the_relay_with_its_reason_and_still_read_by_consumers()
    {
        await using var simulation = new Simulation();
        await using (var before = simulation.Start())
            await before.PlaceAsync("1", "c-1", ("a", 1));

        var retired = new MessageCatalog(TestedApp.Messages.All.Select(t => t.Name switch { V1 => t with { Retired = true }, V2 => t with { Downcast = null }, _ => t }));
        simulation.Configure = services => services.AddSingleton(retired);
        await using var process = simulation.Start();
        await process.RunUntilQuietAsync();
        var (quarantined, _) = await QuarantinedMessages.ListAsync(process.Store(Names.Ordering), new QuarantineFilter { Reason = "RetiredContract" }, false, 10, null, default);
        Assert.Equal($"RetiredContract: '{V1}' is retired; published now: {V2}. If a consumer still reads it, deploy a release where it is not retired and release the record; otherwise discard it.", Assert.Single(quarantined).Reason);
        Assert.Empty(simulation.EventGrid.Taken);

        // Whoever commits now publishes only what is left.
        await process.PlaceAsync("2", "c-1", ("a", 1));
        await process.RunUntilQuietAsync();
        Assert.Contains("ordering:o-2:1", simulation.EventGrid.Taken);
        Assert.DoesNotContain("ordering:o-2:1.v1", simulation.EventGrid.Taken);

        var old = await process.Services.GetRequiredService<ConsumerRunners>().RunnerOf("ordering/payments")
            .HandleAsync(Deliveries.Of(OrderPlacedVersions.Downcast(Placed with { OrderId = "o-3" }), 1), default);
        Assert.Equal(SettlementKind.Complete, old.Kind);
    }

    [Fact]
    public void Versions_that_do_not_fit_together_are_refused_when_the_catalog_is_made()
    {
        Assert.Contains("is retired: remove the downcast", Wrong(t => t.Name == V1 ? t with { Retired = true } : t), StringComparison.Ordinal);
        Assert.Contains("is not in the catalog", Wrong(t => t.Name == V2 ? t with { Downcast = (typeof(string), d => d) } : t), StringComparison.Ordinal);
        Assert.Contains("earlier version of the same message", Wrong(t => t.Name == V2 ? t with { Downcast = (typeof(OrderCancelled), d => d) } : t), StringComparison.Ordinal);
        Assert.Contains("later version of the same message", Wrong(t => t.Name == V2 ? t with { Upcast = (typeof(OrderPlaced), d => d) } : t), StringComparison.Ordinal);

        static string Wrong(Func<MessageType, MessageType> change) => Assert.Throws<ArgumentException>(() => new MessageCatalog(TestedApp.Messages.All.Select(change))).Message;
    }

    [Fact]
    public void A_retired_version_is_shown_as_such_and_in_no_operation_that_sends()
    {
        var retired = new Contract<OrderPlaced>(V1, ContractKind.StateTransfer, "ordering", ContractJson.Default.OrderPlaced, "{orderId}", e => e.OrderId, isPublic: true).Retired();
        Assert.Equal("public, retired", Pipeline.Cli.ContractsCommand.AudienceOf(retired));
        var document = AsyncApi.Document([.. ContractCatalog.All.Select(c => c.Type == V1 ? retired : c)], ContractCatalog.Topology, name => name, new Uri("https://pipeline.example/"));
        var named = document["operations"]!.AsObject()
            .Where(o => o.Value!["messages"]!.AsArray().Any(m => ((string)m!["$ref"]!).EndsWith(V1, StringComparison.Ordinal))).Select(o => (string)o.Value!["action"]!).ToHashSet();
        Assert.Equal(["receive"], named);
        Assert.Contains("retired", document["components"]!["messages"]![V1]!["tags"]!.AsArray().Select(t => (string)t!["name"]!));
        Assert.DoesNotContain("retired", document["components"]!["messages"]![V2]!["tags"]!.AsArray().Select(t => (string)t!["name"]!));
    }

    private static OrderPlacedV2 Placed => new("o-1", "c-1", new Amount(10m, "EUR"), [new OrderLineV2("a", 1, new Amount(10m, "EUR"))]);

    private static string EffectsOf(string result) => result[..result.IndexOf("duplicates", StringComparison.Ordinal)];

    private static async Task<(string Result, int Operations)> RunAsync(string topology, int? crashAt, bool before)
    {
        await using var simulation = new Simulation(topology);
        var plan = new FaultPlan { CrashAt = crashAt, Before = before };
        var process = simulation.Start(plan);
        try
        {
            await PlaceAsync(process);
        }
        catch (Exception) when (plan.IsDead)
        {
            // Whatever it made of its own death.
        }

        // A run may take an operation less than the one that was counted; the checks are not to die of it.
        plan.CrashAt = null;

        var operations = plan.Count;
        if (plan.IsDead)
        {
            process = simulation.Restart();
            await PlaceAsync(process);
        }

        var lines = new List<string>();
        var duplicates = new List<string>();
        foreach (var container in new[] { Names.Inventory, Names.Payments, Names.Shipping })
        {
            var inbox = (await Invariants.AllAsync(process.Container(container), "inbox")).Where(r => r.GetProperty("source").GetString() == "ordering").ToList();
            lines.AddRange(inbox.Select(r => $"{r.GetProperty("consumer")} {r.GetProperty("subject")} {r.GetProperty("sequence")}"));
            duplicates.AddRange(inbox.Select(r => Invariant($"duplicates of {r.GetProperty("consumer")}: {(r.TryGetProperty("duplicates", out var d) ? d.GetInt32() : 0)}")));
            Assert.Empty(await Invariants.AllAsync(process.Container(container), "deadletter"));
        }

        Assert.Empty(await Invariants.AllAsync(process.Container(Names.Ordering), "outbox"));
        lines.AddRange((await Invariants.AllAsync(process.Container(Names.Payments), "state")).Select(s => s.GetProperty("data").GetRawText()));
        lines.Add("published: " + string.Join(' ', simulation.EventGrid.Taken.Distinct().Order(StringComparer.Ordinal)));
        await process.DisposeAsync();
        return (string.Join('\n', lines.Order(StringComparer.Ordinal).Concat(duplicates)), operations);

        static async Task PlaceAsync(SimulatedProcess process)
        {
            await process.PlaceAsync("1", "c-1", ("a", 1));
            await process.RunUntilQuietAsync();
        }
    }
}
