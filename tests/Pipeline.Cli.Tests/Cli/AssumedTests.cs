using System.Text.Json.Nodes;
using Pipeline.Cli;

namespace Pipeline.Tests.Cli;

/// <summary>A dry run that rests on what it assumed of gateways is neither a success nor a failure, and says so first.</summary>
public sealed class AssumedTests : IAsyncLifetime
{
    private PipelineStub stub = null!;

    public async Task InitializeAsync()
    {
        stub = await PipelineStub.StartAsync();
        stub.OpenDeadLetters.Add(StubDocuments.DeadLetter("dl:1", "order-1", DateTimeOffset.UnixEpoch));
    }

    public async Task DisposeAsync() => await stub.DisposeAsync();

    [Fact]
    public async Task A_dry_run_that_rests_on_assumed_answers_says_so_first_and_exits_with_3()
    {
        stub.Answer("POST", "/api/dead-letters/ordering/order-1/dl:1/dry-run", 200, Run("assumed"));

        var run = await CliRun.AgainstAsync(stub.Url, "dead-letters", "dry-run", "dl:1");

        Assert.Equal((ExitCode.Assumed, ""), (run.ExitCode, run.Error));
        var lines = run.Output.Split('\n');
        Assert.StartsWith("Assumed, not known: 1 message would be handled only if gateways do what they are asked (ICarrierGateway.BookAsync).", lines[0], StringComparison.Ordinal);
        Assert.Contains("The gateway could not be asked (TimeoutException: no answer).", lines[0], StringComparison.Ordinal);
        Assert.Contains("handled, if gateways answer as assumed", run.Output, StringComparison.Ordinal);
        Assert.Contains("order-1 at c: 0 would be handled, 1 only if gateways answer as assumed. Nothing was written.", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_older_pipeline_that_calls_it_handled_is_not_believed()
    {
        stub.Answer("POST", "/api/dead-letters/ordering/order-1/dl:1/dry-run", 200, Run("handled"));
        Assert.Equal(ExitCode.Assumed, (await CliRun.AgainstAsync(stub.Url, "dead-letters", "dry-run", "dl:1")).ExitCode);
    }

    [Fact]
    public async Task A_planned_replay_that_rests_on_assumed_answers_exits_with_3_and_one_that_fails_with_1()
    {
        JsonObject Page(params JsonObject[] runs) => new()
        {
            ["items"] = new JsonArray([.. runs.Select((r, i) => new JsonObject { ["number"] = i + 1, ["partition"] = "p", ["consumer"] = "c", ["dryRun"] = r })]),
            ["continuation"] = null,
        };
        stub.Answer("POST", "/api/replays/r1/dry-run", 200, Page(Run("assumed")));
        var assumed = await CliRun.AgainstAsync(stub.Url, "replay", "dry-run", "r1");
        Assert.Equal(ExitCode.Assumed, assumed.ExitCode);
        Assert.Contains("1 subject would go through: 0 messages handled, 1 only if gateways answer as assumed.", assumed.Output, StringComparison.Ordinal);

        stub.Answer("POST", "/api/replays/r1/dry-run", 200, Page(Run("assumed"), Run("failed")));
        Assert.Equal(ExitCode.Failed, (await CliRun.AgainstAsync(stub.Url, "replay", "dry-run", "r1")).ExitCode);
    }

    [Fact]
    public async Task The_help_tells_the_exit_codes() =>
        Assert.Contains("3 a dry run depends on answers of gateways that it assumed", (await CliRun.OfAsync("--help")).Output.ReplaceLineEndings(" "), StringComparison.Ordinal);

    private static JsonObject Run(string outcome) => new()
    {
        ["container"] = "ordering",
        ["partition"] = "order-1",
        ["consumer"] = "c",
        ["notReached"] = 0,
        ["limitReached"] = false,
        ["movedOn"] = false,
        ["handled"] = outcome == "handled" ? 1 : 0,
        ["steps"] = new JsonArray(new JsonObject
        {
            ["entry"] = "dl:1",
            ["type"] = "com.contoso.ordering.order-placed.v1",
            ["sequence"] = 1,
            ["outcome"] = outcome,
            ["reason"] = outcome == "failed" ? "HandlerFailed" : null,
            ["calls"] = new JsonArray(new JsonObject
            {
                ["gateway"] = "ICarrierGateway",
                ["method"] = "BookAsync",
                ["source"] = "assumed",
                ["note"] = "The gateway could not be asked (TimeoutException: no answer).",
            }),
        }),
    };
}
