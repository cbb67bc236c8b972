using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.Azure.Cosmos;
using Microsoft.Extensions.DependencyInjection;
using Pipeline.Functions;
using Pipeline.Functions.Gateways;
using Pipeline.Services.Payments;
using Pipeline.Tests.Cli;
using Xunit.Abstractions;

namespace Pipeline.Tests.EndToEnd;

/// <summary>What an operator does before a replay, with the CLI and the API of a running pipeline: try it, edit, try it again.</summary>
public sealed class EditTests(ITestOutputHelper output) : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory();

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task G6_G8_A_dead_letter_is_tried_edited_tried_again_and_replayed_and_the_flow_says_who_edited_it()
    {
        var gateway = new FailingGateway(failing: true);
        await using var pipeline = await RunningPipeline.StartAsync(services => services.AddSingleton<IPaymentGateway>(p => gateway.Over(
            new SimulatedPaymentGateway(p.GetRequiredService<CosmosClient>().GetContainer(Names.Database, Names.Gateways), TimeProvider.System))));
        foreach (var (sku, onHand) in RunningPipeline.InitialStock)
            await pipeline.Http.SetStockAsync(sku, onHand);
        var order = await pipeline.Http.PlaceAsync("key", "c-1", ("a", 2), ("b", 1));
        await Api.UntilAsync(async () => (await pipeline.Http.GetStringAsync("api/dead-letters")).Contains(order, StringComparison.Ordinal), "in the ledger");
        var record = (await Invariants.AllAsync(pipeline.Container(Names.Payments), "deadletter")).Single();
        var entry = record.GetProperty("id").GetString()!;
        var fingerprint = record.GetProperty("fingerprint").GetString()!;
        var address = $"api/dead-letters/{Names.Payments}/{order}/{entry}";

        var tried = await RunAsync(pipeline, 3, "dead-letters", "dry-run", entry);
        Assert.Contains("sends payment-charged to payments", tried.Output, StringComparison.Ordinal);
        Assert.Contains("/status: \"open\" -> \"charged\"", tried.Output, StringComparison.Ordinal);
        Assert.Contains("asks IPaymentGateway.ChargeAsync", tried.Output, StringComparison.Ordinal);
        Assert.Contains("assumed", tried.Output, StringComparison.Ordinal);
        using var asJson = JsonDocument.Parse((await RunAsync(pipeline, 3, "dead-letters", "dry-run", entry, "--json", "--steps", "1")).Output);
        Assert.Equal("assumed", asJson.RootElement.GetProperty("steps")[0].GetProperty("outcome").GetString());

        // Into a violation of the contract: refused, with the path.
        using var refused = await PostAsync(pipeline, address + "/edit", """{"patch":[{"op":"replace","path":"/orderId","value":7}],"why":"w","by":"ann"}""");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.StatusCode);
        using var problem = JsonDocument.Parse(await refused.Content.ReadAsStringAsync());
        Assert.True(problem.RootElement.GetProperty("errors").TryGetProperty("$.orderId", out _), problem.RootElement.GetRawText());
        foreach (var (status, path, body) in new[]
        {
            (400, address + "/edit", """{"patch":[],"why":"w"}"""),
            (400, address + "/edit", """{"why":"w","by":"ann"}"""),
            (400, address + "/edit", """{"patch":[],"replacement":{},"why":"w","by":"ann"}"""),
            (422, address + "/edit", """{"patch":[{"op":"jump"}],"why":"w","by":"ann"}"""),
            (409, address + "/edit", """{"patch":[],"why":"w","by":"ann","from":3}"""),
            (404, address + "x/edit", """{"patch":[],"why":"w","by":"ann"}"""),
            (404, address + "x/dry-run", "{}"),
            (400, address + "/dry-run?steps=0", "{}"),
            (400, "api/dead-letters/edit", """{"patch":[],"why":"w","by":"ann","fingerprint":"unknown","count":1,"before":"2100-01-01T00:00:00Z"}"""),
            (400, "api/dead-letters/edit", $$"""{"patch":[],"why":"w","by":"ann","fingerprint":"{{fingerprint}}"}"""),
            (400, "api/dead-letters/edit", $$"""{"patch":[],"why":"w","by":"ann","fingerprint":"{{fingerprint}}","count":1,"before":"2100-01-01T00:00:00Z","continuation":"?"}"""),
        })
        {
            using var answer = await PostAsync(pipeline, path, body);
            Assert.True(status == (int)answer.StatusCode, Invariant($"{path} {body}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}"));
        }

        var patch = Path.Combine(_folder.FullName, "patch.json");
        await File.WriteAllTextAsync(patch, $$"""[{"op":"test","path":"/orderId","value":"{{order}}"},{"op":"add","path":"/note","value":"checked"}]""");
        var edited = await RunAsync(pipeline, 0, "dead-letters", "edit", entry, "--patch", patch, "--why", "looked at", "--by", "ann", "--from", "0");
        Assert.Contains("/data/note: + \"checked\"", edited.Output, StringComparison.Ordinal);
        Assert.Contains("1 already had this edit", (await RunAsync(pipeline, 0, "dead-letters", "edit", "--group", fingerprint, "--patch", patch, "--why", "looked at", "--by", "ann", "--yes")).Output, StringComparison.Ordinal);
        var shown = (await RunAsync(pipeline, 0, "dead-letters", "show", entry)).Output;
        Assert.Contains("looked at", shown, StringComparison.Ordinal);
        Assert.Contains("/data/note: + \"checked\"", shown, StringComparison.Ordinal);

        gateway.Lift();
        await RunAsync(pipeline, 0, "replay", order, "--wait");
        await pipeline.SettleAndCheckAsync([order]);
        Assert.Contains("replayed, edited by ann", (await RunAsync(pipeline, 0, "flow", order)).Output, StringComparison.Ordinal);
        using var closed = await PostAsync(pipeline, address + "/dry-run", "{}");
        Assert.Equal(HttpStatusCode.Conflict, closed.StatusCode);
    }

    private static async Task<HttpResponseMessage> PostAsync(RunningPipeline pipeline, string path, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        return await pipeline.Http.PostAsync(path, content);
    }

    private async Task<CliRun> RunAsync(RunningPipeline pipeline, int exitCode, params string[] args)
    {
        var run = await CliRun.OfAsync([.. args, "--url", pipeline.Http.BaseAddress!.ToString()]);
        output.WriteLine($"$ pipeline {string.Join(' ', args)}\n{run.Output}{run.Error}");
        Assert.Equal(exitCode, run.ExitCode);
        return run;
    }
}
