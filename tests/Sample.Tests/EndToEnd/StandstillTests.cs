using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Azure.Cosmos;
using Pipeline.Cli;
using Pipeline.Functions;
using Pipeline.Local.Testing;
using Pipeline.Tests.Cli;

namespace Pipeline.Tests;

/// <summary>A consumer that nobody runs, and a damaged partition, as an operator sees them over HTTP and with the tool.</summary>
public sealed class StandstillTests
{
    [Fact]
    public async Task A_consumer_that_nobody_runs_is_named_with_what_waits_for_it()
    {
        await using var pipeline = await RunningPipeline.StartOnAsync(
            new ManualTimeProvider(), functions: string.Join(',', RunningPipeline.FunctionNames.Where(n => n != "ordering-inventory")));
        await pipeline.Http.SetStockAsync("a", 10);
        var order = await pipeline.Http.PlaceAsync("key", "c-1", ("a", 1));
        for (var minutes = 0; minutes < 5 && (await QueueAsync(pipeline)).GetProperty("problem").ValueKind == JsonValueKind.Null; minutes++)
            await pipeline.Host.AdvanceAsync(TimeSpan.FromMinutes(1));

        var queue = await QueueAsync(pipeline);
        Assert.Equal((1, "notRun"), (queue.GetProperty("waiting").GetInt32(), queue.GetProperty("problem").GetString()));
        var blocked = await pipeline.Http.GetFromJsonAsync<JsonElement>("api/blocked");
        Assert.Equal("ordering/inventory", Assert.Single(blocked.GetProperty("standingStill").EnumerateArray()).GetProperty("consumer").GetString());
        var leg = Assert.Single(
            (await pipeline.Http.GetFromJsonAsync<JsonElement>($"api/flows/{order}")).GetProperty("steps").EnumerateArray(),
            s => s.GetProperty("consumer").GetString() == "ordering/inventory");
        Assert.Equal("waiting", leg.GetProperty("state").GetString());
        Assert.Equal(queue.GetProperty("oldest").GetProperty("since").GetDateTimeOffset(), leg.GetProperty("waitingSince").GetDateTimeOffset());
        Assert.Contains("ordering/inventory does not run", (await RunAsync(pipeline, "status")).Output, StringComparison.Ordinal);
        Assert.Contains("ordering/inventory does not run", (await RunAsync(pipeline, "blocked")).Output, StringComparison.Ordinal);
        Assert.Matches("waiting order-placed no. 1 of .* at ordering/inventory since ", (await RunAsync(pipeline, "flow", order)).Output);
    }

    [Fact]
    public async Task A_damaged_partition_is_a_problem_of_its_own_over_HTTP_and_is_listed()
    {
        await using var pipeline = await RunningPipeline.StartAsync();
        await pipeline.Http.SetStockAsync("a", 10);
        var order = await pipeline.Http.PlaceAsync("key", "c-1", ("a", 1));
        await pipeline.Http.WaitUntilFinalAsync([order]);
        await pipeline.WaitUntilQuietAsync();
        await pipeline.Container(Names.Ordering).DeleteItemStreamAsync("ev:0000000000000000001", new PartitionKey(order));

        using var read = await pipeline.Http.GetAsync($"api/orders/{order}");
        using var cancel = await pipeline.Http.PostAsync($"api/orders/{order}/cancel", null);

        Assert.Equal(500, (int)read.StatusCode);
        Assert.Equal(500, (int)cancel.StatusCode);
        Assert.Contains("Damaged partition", await cancel.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Contains($"{order} at http is damaged", (await RunAsync(pipeline, "blocked")).Output, StringComparison.Ordinal);
        Assert.Contains("Damaged partitions: 1", (await RunAsync(pipeline, "status")).Output, StringComparison.Ordinal);
    }

    private static async Task<JsonElement> QueueAsync(RunningPipeline pipeline) =>
        (await pipeline.Http.GetFromJsonAsync<JsonElement>("api/status")).GetProperty("broker").GetProperty("queues").EnumerateArray()
        .Single(q => q.GetProperty("consumer").GetString() == "ordering/inventory");

    private static async Task<CliRun> RunAsync(RunningPipeline pipeline, params string[] args)
    {
        var run = await CliRun.OfAsync([.. args, "--url", pipeline.Http.BaseAddress!.ToString()]);
        Assert.Equal((ExitCode.Ok, ""), (run.ExitCode, run.Error));
        return run;
    }
}
