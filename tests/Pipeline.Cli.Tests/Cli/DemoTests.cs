using System.Text.Json.Nodes;
using Pipeline.Cli;
using Pipeline.Cli.Demo;
using Pipeline.Client;

namespace Pipeline.Tests.Cli;

public sealed class DemoTests : IAsyncLifetime
{
    private readonly string folder = Path.Combine(Path.GetTempPath(), "cli-" + Guid.NewGuid().ToString("N"));
    private PipelineStub stub = null!;

    public async Task InitializeAsync()
    {
        Directory.CreateDirectory(folder);
        stub = await PipelineStub.StartAsync();
    }

    public async Task DisposeAsync()
    {
        await stub.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Everything_right_is_reported_and_exits_0()
    {
        var (run, report) = await RunAsync(orders: 60);

        Assert.Equal(0, run.ExitCode);
        Assert.Empty(run.Error);
        Assert.Equal(
            ["orders", "completed", "cancelled", "deadLettered", "replayed", "lost", "duplicateEffects", "orderViolations", "ordersPerSecond", "latencyMs"],
            report.Select(property => property.Key));
        Assert.Equal(["p50", "p99"], report["latencyMs"]!.AsObject().Select(property => property.Key));
        Assert.Equal(60, (int)report["orders"]!);
        Assert.Equal(60, stub.DistinctOrders);

        // Three of the scarce SKU, three declined, three that cannot be delivered.
        Assert.Equal(51, (int)report["completed"]!);
        Assert.Equal(9, (int)report["cancelled"]!);
        Assert.Equal(0, (int)report["lost"]! + (int)report["duplicateEffects"]! + (int)report["orderViolations"]!);
        Assert.True((double)report["ordersPerSecond"]! > 0);
        Assert.True((double)report["latencyMs"]!["p99"]! >= (double)report["latencyMs"]!["p50"]!);
        Assert.Contains("StockInsufficient", run.Output, StringComparison.Ordinal);
        Assert.Contains("CannotBeDelivered", run.Output, StringComparison.Ordinal);
        Assert.Contains("PaymentDeclined", run.Output, StringComparison.Ordinal);
        Assert.Contains("stock-reserved", run.Output, StringComparison.Ordinal);
        Assert.Contains("Where to look next", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', run.Output);
    }

    [Fact]
    public async Task A_second_run_on_the_same_pipeline_adds_up_too()
    {
        await RunAsync(orders: 20);
        var (run, report) = await RunAsync(orders: 20);

        Assert.Equal(0, run.ExitCode);
        Assert.Equal(20, (int)report["orders"]!);
        Assert.Equal(40, stub.DistinctOrders);
    }

    [Fact]
    public async Task An_order_that_becomes_unknown_is_lost()
    {
        stub.Answer("GET", "/api/orders/order-demo-run-2", 404, new JsonObject { ["title"] = "Not found" });
        var (run, report) = await RunAsync(orders: 5, settings => settings with { StalledAfter = TimeSpan.FromSeconds(1) });

        Assert.Equal(1, run.ExitCode);
        Assert.Equal(1, (int)report["lost"]!);
        Assert.Contains("is unknown", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_order_that_hangs_is_named_and_lost()
    {
        stub.BecomesFinal = order => !Is(order, number: 3);
        var (run, report) = await RunAsync(orders: 5, settings => settings with { StalledAfter = TimeSpan.FromSeconds(1) });

        Assert.Equal(1, run.ExitCode);
        Assert.Equal(1, (int)report["lost"]!);
        Assert.Contains("nothing has changed for 1 seconds: order-demo-run-3.", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pipeline_that_is_gone_is_told_as_it_happens_and_is_no_order_that_hangs()
    {
        // More orders than are looked at in one round, so that there are rounds that look at none.
        stub.BecomesFinal = _ => false;
        stub.First = context =>
        {
            var isGone = stub.DistinctOrders == 120;
            if (isGone)
                context.Abort();
            return Task.FromResult(isGone);
        };
        using var output = new StringWriter();
        var failure = await Assert.ThrowsAsync<PipelineUnreachableException>(() => RunAsync(
            orders: 120, settings => settings with { StalledAfter = TimeSpan.FromSeconds(4) }, output));

        Assert.StartsWith("Nothing answers at", failure.Message, StringComparison.Ordinal);
        Assert.Contains($"Nothing answers at {stub.Url}. Trying again", output.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("not final", output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Orders_behind_a_dead_letter_are_not_waited_for_long()
    {
        stub.BecomesFinal = order => !Is(order, number: 3);
        stub.OpenDeadLetters.Add(StubDocuments.DeadLetter("dl:1", "order-demo-run-3", DateTimeOffset.UtcNow.AddSeconds(30)));
        stub.ClosedDeadLetters.Add(StubDocuments.DeadLetter("dl:2", "order-demo-run-4", DateTimeOffset.UtcNow.AddSeconds(30)));
        stub.ClosedDeadLetters.Add(StubDocuments.DeadLetter("dl:3", "order-of-last-week", DateTimeOffset.UtcNow.AddDays(-7)));
        var (run, report) = await RunAsync(orders: 5, settings => settings with { BlockedFor = TimeSpan.FromMilliseconds(500) });

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("1 order is blocked by dead letters or quarantined outbox messages: order-demo-run-3", run.Output, StringComparison.Ordinal);
        Assert.Equal((2, 1), ((int)report["deadLettered"]!, (int)report["replayed"]!));
    }

    [Fact]
    public async Task Failures_that_pass_are_retried_with_the_same_key()
    {
        stub.FailEvery = 3;
        var (run, report) = await RunAsync(orders: 20);

        Assert.Equal(0, run.ExitCode);
        Assert.Equal(20, stub.DistinctOrders);
        Assert.True(stub.Requests.Count(request => request == "POST /api/orders") > 20);
        Assert.Equal(20, (int)report["completed"]! + (int)report["cancelled"]!);
    }

    [Theory]
    [InlineData("history", "twice from one cause")]
    [InlineData("charge", "was charged 2 times")]
    [InlineData("uncharged", "was never charged")]
    [InlineData("refunded", "its charge was refunded")]
    [InlineData("refund", "was not refunded")]
    [InlineData("stock", "are reserved by this run")]
    [InlineData("parcel", "was shipped 2 times")]
    [InlineData("unshipped", "was never shipped")]
    [InlineData("recalled", "its parcel was recalled")]
    [InlineData("not recalled", "its parcel was not recalled")]
    public async Task An_effect_that_happens_twice_is_found(string fault, string finding)
    {
        stub.OnFinal = (order, payment, shipment) =>
        {
            if (Is(order, number: 4))
                Plant(fault, order, payment!, shipment!);
        };
        var (run, report) = await RunAsync(orders: 5, settings => settings with { SettleFor = TimeSpan.FromMilliseconds(300) });

        Assert.Equal(1, run.ExitCode);
        Assert.Contains(finding, run.Output, StringComparison.Ordinal);
        Assert.Equal(fault is "refund" or "not recalled" ? 3 : 1, (int)report["duplicateEffects"]!);
    }

    [Fact]
    public async Task A_sequence_handled_after_a_higher_one_is_a_violation_on_any_page()
    {
        stub.PageSize = 3;
        stub.OnFinal = (order, _, _) =>
        {
            if (Is(order, number: 2))
                stub.Handled.Add(StubDocuments.HandledEntry((string)order["orderId"]!, sequence: 1, commit: 9));
            if (Is(order, number: 3))
                stub.Handled.Add(StubDocuments.HandledEntry((string)order["orderId"]!, sequence: null, commit: 9));
            if (!Is(order, number: 4))
                return;
            var unordered = StubDocuments.HandledEntry((string)order["orderId"]!, sequence: 1, commit: 9);
            unordered["unordered"] = true;
            stub.Handled.Add(unordered);
        };
        var (run, report) = await RunAsync(orders: 6);

        Assert.Equal(1, run.ExitCode);
        Assert.Equal(1, (int)report["orderViolations"]!);
        Assert.Contains("ordering/inventory handled no. 1 of order-demo-run-2 after no. 2", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refusal_of_an_order_ends_the_run_with_its_reason()
    {
        await using var other = await PipelineStub.StartAsync();
        other.Answer("POST", "/api/orders", 422, new JsonObject { ["title"] = "Bad order", ["detail"] = "No such currency" });
        var run = await CliRun.AgainstAsync(other.Url, "demo", "--exit", "--orders", "3");

        run.AssertFailsInOneLine(ExitCode.Failed);
        Assert.Contains("could not be placed. Bad order: No such currency (422 from POST", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cancelling_ends_with_the_code_of_an_interrupt()
    {
        stub.BecomesFinal = _ => false;
        using var stop = new CancellationTokenSource();
        using var output = new StringWriter();
        using var error = new StringWriter();
        var running = CommandLine.RunAsync(
            ["demo", "--orders", "3", "--url", stub.Url.ToString()], Terminal.Plain(output, error), TimeProvider.System, stop.Token);
        await Eventually.TrueAsync(() => stub.Requests.Any(request => request.StartsWith("GET /api/orders/", StringComparison.Ordinal)));
        await stop.CancelAsync();

        Assert.Equal(ExitCode.Interrupted, await running);
        Assert.Empty(error.ToString());
    }

    [Fact]
    public async Task A_report_that_cannot_be_written_is_told_before_anything_is_placed()
    {
        var run = await CliRun.AgainstAsync(stub.Url, "demo", "--exit", "--report", folder);

        run.AssertFailsInOneLine(ExitCode.Failed);
        Assert.Contains("The report cannot be written", run.Error, StringComparison.Ordinal);
        Assert.Empty(stub.Requests);
    }

    private static bool Is(JsonObject order, int number) => ((string)order["orderId"]!).EndsWith(Invariant($"-{number}"), StringComparison.Ordinal);

    private void Plant(string fault, JsonObject order, JsonObject payment, JsonObject shipment)
    {
        switch (fault)
        {
            case "history":
                order["history"]!.AsArray().Add(order["history"]!.AsArray()[^1]!.DeepClone());
                break;
            case "charge":
                payment["charges"]!.AsArray().Add(new JsonObject { ["key"] = "again", ["amount"] = 10 });
                payment["refunds"]!.AsArray().Add(new JsonObject { ["key"] = "again", ["amount"] = 10 });
                break;
            case "uncharged":
                payment["charges"]!.AsArray().Clear();
                break;
            case "refunded":
                payment["refunds"] = payment["charges"]!.DeepClone();
                break;
            case "refund":
                // Cancelled with its charge kept; its reservations of two SKUs are kept too: three findings.
                order["status"] = "cancelled";
                shipment["recalls"] = shipment["bookings"]!.DeepClone();
                break;
            case "parcel":
                shipment["bookings"]!.AsArray().Add(new JsonObject { ["key"] = "again", ["trackingNumber"] = "SP-again" });
                break;
            case "unshipped":
                shipment["bookings"]!.AsArray().Clear();
                break;
            case "recalled":
                shipment["recalls"] = shipment["bookings"]!.DeepClone();
                break;
            case "not recalled":
                order["status"] = "cancelled";
                payment["refunds"] = payment["charges"]!.DeepClone();
                break;
            default:
                stub.Reserve("demo-run-01", 1);
                break;
        }
    }

    private async Task<(CliRun Run, JsonObject Report)> RunAsync(
        int orders, Func<DemoSettings, DemoSettings>? change = null, StringWriter? to = null)
    {
        var file = new FileInfo(Path.Combine(folder, "report.json"));
        var settings = new DemoSettings
        {
            Url = stub.Url,
            Orders = orders,
            RunId = stub.DistinctOrders == 0 ? "run" : "next",
            Exit = true,
            Report = file,
        };
        using var output = to ?? new StringWriter();
        using var error = new StringWriter();
        var demo = new DemoRun(change?.Invoke(settings) ?? settings, Terminal.Plain(output, error), TimeProvider.System);
        var exitCode = await demo.RunAsync(CancellationToken.None);
        var report = JsonNode.Parse(await File.ReadAllTextAsync(file.FullName))!.AsObject();
        return (new CliRun(exitCode, output.ToString(), error.ToString()), report);
    }
}
