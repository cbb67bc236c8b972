using System.Text.Json;
using Microsoft.Azure.Cosmos;
using Microsoft.Extensions.DependencyInjection;
using Pipeline.Failures;
using Pipeline.Functions;
using Pipeline.Functions.Gateways;
using Pipeline.Services.Payments;
using Pipeline.Tests.Cli;
using Xunit.Abstractions;

namespace Pipeline.Tests;

/// <summary>What an operator does with the CLI on a running pipeline: see what is blocked, replay it, look at the flow.</summary>
public sealed class OperatorTests(ITestOutputHelper output)
{
    [Fact]
    public async Task G6_G8_A_dead_letter_is_seen_shown_replayed_and_its_flow_is_complete()
    {
        var gateway = new FailingGateway(failing: true);
        await using var pipeline = await RunningPipeline.StartAsync(services => services.AddSingleton<IPaymentGateway>(p => gateway.Over(
            new SimulatedPaymentGateway(p.GetRequiredService<CosmosClient>().GetContainer(Names.Database, Names.Gateways), TimeProvider.System))));
        foreach (var (sku, onHand) in RunningPipeline.InitialStock)
            await pipeline.Http.SetStockAsync(sku, onHand);
        var order = await pipeline.Http.PlaceAsync("key", "c-1", ("a", 2), ("b", 1));
        await Api.UntilAsync(async () => (await pipeline.Http.GetStringAsync("api/dead-letters")).Contains(order, StringComparison.Ordinal), "in the ledger");

        var list = await RunAsync(pipeline, "dead-letters", "list");
        Assert.Contains(DeadLetterReasons.HandlerFailed, list.Output);
        var entry = (await Invariants.AllAsync(pipeline.Container(Names.Payments), "deadletter")).Single().GetProperty("id").GetString()!;
        var shown = await RunAsync(pipeline, "dead-letters", "show", entry);
        Assert.Contains("The gateway is broken.", shown.Output);
        // Order and reservation come from two topics; the one that comes last makes Payments charge, and fails.
        Assert.Contains(entry.Contains("inventory~1payments", StringComparison.Ordinal) ? "stock-reserved" : "order-placed", shown.Output);
        Assert.Contains("1", (await RunAsync(pipeline, "status")).Output);

        // Too early: it fails again, and stays.
        var failed = await CliRun.OfAsync("replay", entry, "--wait", "--url", pipeline.Http.BaseAddress!.ToString());
        output.WriteLine(failed.Output + failed.Error);
        Assert.Equal(1, failed.ExitCode);

        gateway.Lift();
        await RunAsync(pipeline, "replay", order, "--wait");
        await pipeline.SettleAndCheckAsync([order]);
        var completed = (await RunAsync(pipeline, "orders", "show", order)).Output;
        Assert.Contains("completed", completed);
        Assert.Contains("shipped, SP", completed);

        var flow = (await RunAsync(pipeline, "flow", order)).Output;
        foreach (var type in new[] { "PlaceOrder", "order-placed", "reserve-stock", "stock-held", "stock-reserved", "payment-charged", "order-shipped" })
            Assert.Contains(type, flow);
        Assert.Contains("No dead letters", (await RunAsync(pipeline, "dead-letters", "list")).Output);
    }

    [Fact]
    public async Task G6_A_group_of_dead_letters_is_planned_tried_applied_and_stopped()
    {
        var gateway = new FailingGateway(failing: true);
        await using var pipeline = await RunningPipeline.StartAsync(services => services.AddSingleton<IPaymentGateway>(p => gateway.Over(
            new SimulatedPaymentGateway(p.GetRequiredService<CosmosClient>().GetContainer(Names.Database, Names.Gateways), TimeProvider.System))));
        foreach (var (sku, onHand) in RunningPipeline.InitialStock)
            await pipeline.Http.SetStockAsync(sku, onHand);
        var orders = new List<string>();
        for (var i = 1; i <= 3; i++)
            orders.Add(await pipeline.Http.PlaceAsync(Invariant($"k{i}"), "c-1", ("a", 1)));
        await Api.UntilAsync(async () => (await Invariants.AllAsync(pipeline.Container(Names.Payments), "deadletter")).Count == 3, "all in the ledger");
        Assert.Contains("No replays.", (await RunAsync(pipeline, "replay", "list")).Output);

        var plan = await PlanAsync("--reason", DeadLetterReasons.HandlerFailed, "--rate", "20", "--why", "the gateway works again", "--by", "ann");
        Assert.Equal(("planned", 3), (plan.GetProperty("status").GetString(), plan.GetProperty("subjects").GetInt32()));
        var id = plan.GetProperty("replayId").GetString()!;
        var tried = await RunAsync(pipeline, "replay", "dry-run", id);
        Assert.Contains("3 subjects would go through", tried.Output);
        Assert.Contains("sends payment-charged to payments", tried.Output);
        using (var asJson = JsonDocument.Parse((await RunAsync(pipeline, "replay", "dry-run", id, "--json", "--subjects", "2")).Output))
            Assert.Equal(2, asJson.RootElement.GetProperty("items").GetArrayLength());
        Assert.Contains("the gateway works again", (await RunAsync(pipeline, "replay", "list")).Output);
        Assert.Equal(3, (await Invariants.AllAsync(pipeline.Container(Names.Payments), "deadletter")).Count(e => e.GetProperty("open").GetBoolean()));

        // It does not yet: all fail again, and stay.
        var failed = await CliRun.OfAsync("replay", "apply", id, "--wait", "--url", pipeline.Http.BaseAddress!.ToString());
        output.WriteLine(failed.Output + failed.Error);
        Assert.Equal(1, failed.ExitCode);
        Assert.Contains("3 of 3 subjects failed again", failed.Output);
        Assert.Contains($"The replay {id} failed", failed.Error);
        Assert.Contains("The gateway is broken.", (await RunAsync(pipeline, "replay", "status", id)).Output);
        var over = await CliRun.OfAsync("replay", "stop", id, "--url", pipeline.Http.BaseAddress!.ToString());
        Assert.Contains("has come to its end", over.Error);

        // Planned, stopped, and never applied; then one for the rest.
        gateway.Lift();
        var dropped = (await PlanAsync("--subject", orders[0])).GetProperty("replayId").GetString()!;
        Assert.Contains("Stopped by bob: not now.", (await RunAsync(pipeline, "replay", "stop", dropped, "--by", "bob", "--why", "not now")).Output);
        var refused = await CliRun.OfAsync("replay", "apply", dropped, "--url", pipeline.Http.BaseAddress!.ToString());
        Assert.Contains("Plan again", refused.Error);
        var applied = await RunAsync(pipeline, "replay", "plan", "--reason", DeadLetterReasons.HandlerFailed, "--apply", "--wait");
        Assert.Contains("3 completed", applied.Output);
        await pipeline.SettleAndCheckAsync(orders);

        async Task<JsonElement> PlanAsync(params string[] arguments)
        {
            using var document = JsonDocument.Parse((await RunAsync(pipeline, ["replay", "plan", .. arguments, "--json"])).Output);
            return document.RootElement.Clone();
        }
    }

    [Fact]
    public async Task G6_A_group_of_dead_letters_is_seen_confirmed_and_discarded()
    {
        var gateway = new FailingGateway(failing: true);
        await using var pipeline = await RunningPipeline.StartAsync(services => services.AddSingleton<IPaymentGateway>(p => gateway.Over(
            new SimulatedPaymentGateway(p.GetRequiredService<CosmosClient>().GetContainer(Names.Database, Names.Gateways), TimeProvider.System))));
        await pipeline.Http.SetStockAsync("a", 10);
        string[] orders = [await pipeline.Http.PlaceAsync("k1", "c-1", ("a", 1)), await pipeline.Http.PlaceAsync("k2", "c-1", ("a", 1))];
        await Api.UntilAsync(async () => (await GroupsAsync()).GetArrayLength() == 1 && Count(await GroupsAsync()) == 2, "both in one group");

        // What is confirmed has to be what is there, and who and why have to be said.
        var fingerprint = (await GroupsAsync())[0].GetProperty("fingerprint").GetString()!;
        var sample = (await GroupsAsync())[0].GetProperty("sample");
        var address = $"api/dead-letters/{sample.GetProperty("container")}/{sample.GetProperty("partition")}/{sample.GetProperty("id")}";
        var valid = $$"""{"fingerprint":"{{fingerprint}}","count":2,"before":"2100-01-01T00:00:00Z","reason":"r","by":"ann"}""";
        Assert.Equal(409, await PostAsync("api/dead-letters/discard", valid.Replace("\"count\":2", "\"count\":1", StringComparison.Ordinal)));
        Assert.Equal(400, await PostAsync("api/dead-letters/discard", valid.Replace(fingerprint, "unknown", StringComparison.Ordinal)));
        Assert.Equal(400, await PostAsync("api/dead-letters/discard", valid.Replace("\"count\":2,", "", StringComparison.Ordinal)));
        Assert.Equal(400, await PostAsync("api/dead-letters/discard", valid.Replace("ann", " ", StringComparison.Ordinal)));
        Assert.Equal(400, await PostAsync(address + "/discard", """{"reason":"r"}"""));
        Assert.Equal(404, await PostAsync(address + "x/discard", """{"reason":"r","by":"ann"}"""));
        Assert.Equal(404, await PostAsync("api/outbox/quarantined/ordering/o-1/1/discard", """{"reason":"r","by":"ann"}"""));
        Assert.Equal(400, await PostAsync("api/outbox/quarantined/release", "{}"));
        Assert.Equal(202, await PostAsync("api/outbox/quarantined/release", """{"type":"t"}"""));
        foreach (var bad in new[] { "from=yesterday", "fingerprint=XYZ", "status=odd", "limit=0", "consumer=none" })
            Assert.Equal(400, (int)(await pipeline.Http.GetAsync("api/dead-letters?" + bad)).StatusCode);
        Assert.Equal(2, Count(await GroupsAsync()));

        Assert.Contains("The gateway is broken.", (await RunAsync(pipeline, "dead-letters", "groups")).Output);
        await RunAsync(pipeline, "dead-letters", "discard", sample.GetProperty("id").GetString()!, "--reason", "one", "--by", "ann", "--yes");
        Assert.Equal(409, await PostAsync(address + "/discard", """{"reason":"another","by":"ann"}"""));
        Assert.Contains("Discarded 1 dead letter", (await RunAsync(pipeline, "dead-letters", "discard", "--group", fingerprint, "--reason", "rest", "--by", "ann", "--yes")).Output);
        Assert.Contains("No dead letters", (await RunAsync(pipeline, "dead-letters", "list")).Output);
        var discarded = (await RunAsync(pipeline, "dead-letters", "list", "--status", "discarded")).Output;
        Assert.All(orders, order => Assert.Contains(order, discarded));

        async Task<System.Text.Json.JsonElement> GroupsAsync() =>
            System.Text.Json.JsonDocument.Parse(await pipeline.Http.GetStringAsync("api/dead-letters/groups")).RootElement.GetProperty("items");

        async Task<int> PostAsync(string path, string body)
        {
            using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
            return (int)(await pipeline.Http.PostAsync(path, content)).StatusCode;
        }

        static int Count(System.Text.Json.JsonElement groups) => groups.EnumerateArray().Sum(g => g.GetProperty("count").GetInt32());
    }

    private async Task<CliRun> RunAsync(RunningPipeline pipeline, params string[] args)
    {
        var run = await CliRun.OfAsync([.. args, "--url", pipeline.Http.BaseAddress!.ToString()]);
        output.WriteLine($"$ pipeline {string.Join(' ', args)}\n{run.Output}{run.Error}");

        // What a dry run assumes of a gateway is said with an exit code of its own.
        Assert.Equal(args.Contains("dry-run") ? Pipeline.Cli.ExitCode.Assumed : 0, run.ExitCode);
        return run;
    }
}
