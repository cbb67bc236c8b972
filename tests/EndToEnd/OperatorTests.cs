using Microsoft.Azure.Cosmos;
using Microsoft.Extensions.DependencyInjection;
using Pipeline.Functions;
using Pipeline.Ledger;
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
        Assert.Contains(Reasons.HandlerFailed, list.Output);
        var entry = (await Invariants.AllAsync(pipeline.Container(Names.Payments), "deadletter")).Single().GetProperty("id").GetString()!;
        var shown = await RunAsync(pipeline, "dead-letters", "show", entry);
        Assert.Contains("The gateway is broken.", shown.Output);
        Assert.Contains("stock-reserved", shown.Output);
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

    private async Task<CliRun> RunAsync(RunningPipeline pipeline, params string[] args)
    {
        var run = await CliRun.OfAsync([.. args, "--url", pipeline.Http.BaseAddress!.ToString()]);
        output.WriteLine($"$ pipeline {string.Join(' ', args)}\n{run.Output}{run.Error}");
        Assert.Equal(0, run.ExitCode);
        return run;
    }
}
