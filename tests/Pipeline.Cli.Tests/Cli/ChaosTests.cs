using System.Text.Json.Nodes;
using Pipeline.Cli;
using Pipeline.Cli.Demo;
using Pipeline.Cli.Running;

namespace Pipeline.Tests.Cli;

public sealed class ChaosTests : IDisposable
{
    private const int Orders = 60;

    private readonly string folder = Directory.CreateTempSubdirectory("cli-chaos-").FullName;

    private readonly StringWriter output = new();

    public void Dispose()
    {
        output.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    [UnixFact]
    public async Task Everything_that_was_broken_is_shown_repaired_and_reported()
    {
        await using var stub = await ChaosStub.StartAsync(folder);
        var (run, report) = await RunAsync(stub);

        Assert.Equal("", run.Error);
        Assert.True(run.ExitCode == 0, run.Output);
        var chaos = report["chaos"]!;
        Assert.Equal(2, stub.Lives.Count);
        Assert.Equal(1, (int)chaos["restarts"]!);
        Assert.InRange((int)chaos["killedAtPlaced"]!, Orders / 2, Orders - 1);
        Assert.Equal("demo-run-08", (string)chaos["brokenArticle"]!);
        Assert.True((int)chaos["blockedSubjects"]! > 1);
        Assert.Equal((int)chaos["blockedSubjects"]!, (int)chaos["replaysCompleted"]!);
        Assert.Equal(Orders, (int)chaos["duplicateDeliveries"]!);
        Assert.Empty(chaos["findings"]!.AsArray());
        Assert.Equal((Orders, 0, 0), ((int)report["orders"]!, (int)report["lost"]!, (int)report["duplicateEffects"]!));
        Assert.Equal(Orders, stub.Pipeline.DistinctOrders);

        // Broken before the first order, mended before the first replay.
        var requests = stub.Pipeline.Requests.ToList();
        Assert.True(requests.IndexOf("PUT /api/simulator/carrier-faults/demo-run-08") < requests.IndexOf("POST /api/orders"));
        Assert.InRange(requests.IndexOf("DELETE /api/simulator/carrier-faults/demo-run-08"), 0, requests.IndexOf("POST /api/replays"));
        Assert.Matches(@"order-demo-run-1\tpayments/shipping\tHandlerFailed\t5\t1", run.Output);
        Assert.Equal(2, run.Output.Split("HandlerFailed: The carrier is broken.").Length);
        Assert.Contains("killed", run.Output, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("The flow of one order (order-demo-run-1, completed)", run.Output, StringComparison.Ordinal);
        var log = await File.ReadAllTextAsync(Path.Combine(folder, ".pipeline", "functions.log"));
        Assert.Equal(2, log.Split("up with --Local:HttpPort=7071 --Local:DuplicateDeliveries=0.1\n").Length - 1);
        Assert.All(stub.Lives, life => Assert.False(ChaosStub.IsRunning(life)));
    }

    [UnixFact]
    public async Task A_replay_that_stops_is_a_finding()
    {
        await using var stub = await ChaosStub.StartAsync(folder);
        stub.ReplaysEnd = "failed";
        var (run, report) = await RunAsync(stub);

        Assert.Equal(1, run.ExitCode);
        Assert.Equal(0, (int)report["chaos"]!["replaysCompleted"]!);
        Assert.Contains("the replay of order-demo-run-1 at payments/shipping stopped: It failed again.", run.Output, StringComparison.Ordinal);
        Assert.True((int)report["lost"]! > 1);
    }

    [UnixFact]
    public async Task A_broken_carrier_that_ships_is_a_finding()
    {
        await using var stub = await ChaosStub.StartAsync(folder);
        stub.Blocks = false;
        var (run, report) = await RunAsync(stub);

        Assert.Equal(1, run.ExitCode);
        Assert.Equal(0, (int)report["lost"]!);
        Assert.Contains("the carrier refused demo-run-08, but no order is blocked", run.Output, StringComparison.Ordinal);
        Assert.Contains("order order-demo-run-1 was completed although the carrier refused demo-run-08", run.Output, StringComparison.Ordinal);
    }

    [UnixFact]
    public async Task An_order_that_waits_without_being_blocked_is_a_finding_and_lost()
    {
        await using var stub = await ChaosStub.StartAsync(folder);
        var becomesFinal = stub.Pipeline.BecomesFinal;
        stub.Pipeline.BecomesFinal = order => (string)order["orderId"]! != "order-demo-run-2" && becomesFinal(order);
        var (run, report) = await RunAsync(stub, settings => settings with { StalledAfter = TimeSpan.FromSeconds(3) });

        Assert.Equal(1, run.ExitCode);
        Assert.Equal(1, (int)report["lost"]!);
        Assert.Contains("order order-demo-run-2 is not final, and nothing of it is blocked", run.Output, StringComparison.Ordinal);
    }

    [UnixFact]
    public async Task Deliveries_that_were_never_duplicated_are_a_finding()
    {
        await using var stub = await ChaosStub.StartAsync(folder);
        stub.Pipeline.OnFinal = (order, _, _) =>
        {
            for (var i = 0; i < 3; i++)
                stub.Pipeline.Handled.Add(StubDocuments.HandledEntry((string)order["orderId"]!, sequence: null, commit: 9));
            foreach (var entry in stub.Pipeline.Handled.TakeLast(5))
                entry["duplicates"] = 0;
        };
        var (run, _) = await RunAsync(stub);

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("none of 300 messages was delivered twice", run.Output, StringComparison.Ordinal);
    }

    [UnixTheory]
    [InlineData("GET /api/health", 0)]
    [InlineData("POST /api/orders", 3)]
    [InlineData("POST /api/orders", Orders / 2)]
    [InlineData("POST /api/replays", 0)]
    [InlineData("GET /api/handled", 0)]
    public async Task Cancelling_in_any_phase_leaves_no_process(string request, int after)
    {
        await using var stub = await ChaosStub.StartAsync(folder);
        using var stop = new CancellationTokenSource();
        var seen = -1;
        stub.OnRequest = now =>
        {
            if (now == request && Interlocked.Increment(ref seen) == after)
            {
                // At once where the request may be the last one of its phase: a timer may come too late.
                if (after == Orders / 2)
                    stop.CancelAfter(15);
                else
                    stop.Cancel();
            }
        };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => RunAsync(stub, cancellationToken: stop.Token));

        Assert.NotEmpty(stub.Lives);
        Assert.All(stub.Lives, life => Assert.False(ChaosStub.IsRunning(life)));
        Assert.Empty(stub.Broken);
        var isBrokenThen = request == "POST /api/orders";
        Assert.Equal(isBrokenThen, output.ToString().Contains("Ended early: the carrier takes article demo-run-08 again.", StringComparison.Ordinal));
        Assert.DoesNotContain("could not be removed", output.ToString(), StringComparison.Ordinal);
    }

    [UnixFact]
    public async Task A_fault_that_cannot_be_lifted_any_more_is_told_with_what_lifts_it()
    {
        await using var stub = await ChaosStub.StartAsync(folder);
        using var stop = new CancellationTokenSource();
        var placing = 0;
        stub.OnRequest = now =>
        {
            if (now != "POST /api/orders" || Interlocked.Increment(ref placing) > 1)
                return;

            // As Ctrl+C in a terminal: both are told to end, and the pipeline is the faster one.
            stub.End();
            stop.Cancel();
        };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => RunAsync(stub, cancellationToken: stop.Token));

        Assert.NotEmpty(stub.Broken);
        Assert.Contains(
            $"curl -X DELETE {stub.Pipeline.Url}api/simulator/carrier-faults/demo-run-08", output.ToString(), StringComparison.Ordinal);
    }

    [UnixFact]
    public async Task A_pipeline_that_does_not_come_back_ends_the_run_with_its_last_lines()
    {
        await using var stub = await ChaosStub.StartAsync(folder, maxLives: 1);
        var failure = await Assert.ThrowsAsync<CliFailure>(() => RunAsync(stub));

        Assert.Contains("The pipeline has ended by itself (exit code 3)", failure.Message, StringComparison.Ordinal);
        Assert.False(stub.IsAlive);
    }

    [Fact]
    public async Task A_pipeline_that_runs_already_or_elsewhere_is_not_killed()
    {
        await using var stub = await PipelineStub.StartAsync();
        var running = await CliRun.AgainstAsync(stub.Url, "demo", "--chaos", "--exit");
        var foreign = await CliRun.OfAsync("demo", "--chaos", "--exit", "--url", "https://pipeline.example.net");

        running.AssertFailsInOneLine(ExitCode.Failed);
        Assert.Contains("is running at", running.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(stub.Requests, request => !request.EndsWith("/api/health", StringComparison.Ordinal));
        foreign.AssertFailsInOneLine(ExitCode.Failed);
        Assert.Contains("cannot use the one at https://pipeline.example.net", foreign.Error, StringComparison.Ordinal);
    }

    private async Task<(CliRun Run, JsonObject Report)> RunAsync(
        ChaosStub stub, Func<DemoSettings, DemoSettings>? change = null, CancellationToken cancellationToken = default)
    {
        var file = new FileInfo(Path.Combine(folder, "report.json"));
        var settings = new DemoSettings
        {
            Url = stub.Pipeline.Url,
            Orders = Orders,
            RunId = "run",
            Exit = true,
            Chaos = true,
            Report = file,
            BlockedFor = TimeSpan.FromMilliseconds(500),
            Start = Chaos.Start(new StartSettings(stub.Script, folder) { Host = "sh" }, CommandLine.DefaultUrl),
        };
        using var error = new StringWriter();
        var demo = new DemoRun(change?.Invoke(settings) ?? settings, Terminal.Plain(output, error), TimeProvider.System);
        var exitCode = await demo.RunAsync(cancellationToken);
        var report = JsonNode.Parse(await File.ReadAllTextAsync(file.FullName, CancellationToken.None))!.AsObject();
        return (new CliRun(exitCode, output.ToString(), error.ToString()), report);
    }

    /// <summary>What needs a shell and signals.</summary>
    private sealed class UnixFactAttribute : FactAttribute
    {
        public UnixFactAttribute() => Skip = OperatingSystem.IsWindows() ? "Needs sh." : null;
    }

    private sealed class UnixTheoryAttribute : TheoryAttribute
    {
        public UnixTheoryAttribute() => Skip = OperatingSystem.IsWindows() ? "Needs sh." : null;
    }
}
