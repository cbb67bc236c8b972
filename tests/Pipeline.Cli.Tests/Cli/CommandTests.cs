using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Pipeline.Cli;
using Pipeline.Cli.Demo;
using Pipeline.Cli.Sample;
using Pipeline.Client;

namespace Pipeline.Tests.Cli;

public sealed class CommandTests : IAsyncLifetime
{
    private PipelineStub stub = null!;

    public async Task InitializeAsync() => stub = await PipelineStub.StartAsync();

    public async Task DisposeAsync() => await stub.DisposeAsync();

    [Theory]
    [InlineData("demo", "--orders", "0")]
    [InlineData("demo", "--orders", "many")]
    [InlineData("demo", "--orders")]
    [InlineData("status", "--url", "somewhere")]
    [InlineData("orders", "show")]
    [InlineData("replay")]
    [InlineData("replay", "status")]
    [InlineData("quarantine", "release", "ordering", "p", "one")]
    [InlineData("watch", "--every", "0")]
    [InlineData("dead-letters", "list", "--limit", "-1")]
    [InlineData("no-such-command")]
    [InlineData("status", "extra")]
    [InlineData("status", "--json", "perhaps")]
    [InlineData("status", "--json=perhaps")]
    [InlineData("demo", "--chaos=7")]
    public async Task Bad_usage_is_one_line_and_exit_code_2(params string[] args)
    {
        var run = await CliRun.OfAsync(args);

        run.AssertFailsInOneLine(ExitCode.BadUsage);
        Assert.DoesNotContain("System.", run.Error, StringComparison.Ordinal);
        Assert.Contains("--help'", run.Error, StringComparison.Ordinal);
        Assert.Empty(run.Output);
    }

    [Fact]
    public async Task No_arguments_show_the_help()
    {
        var run = await CliRun.OfAsync();

        Assert.Equal(ExitCode.Ok, run.ExitCode);
        Assert.Contains("dead-letters", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Did you mean status?", "statsu")]
    [InlineData("Did you mean groups?", "dead-letters", "gruops")]
    [InlineData("Did you mean --json?", "status", "--jsno")]
    [InlineData("Did you mean --url?", "status", "--urll", "http://localhost:1")]
    public async Task A_misspelt_word_is_told_with_the_nearest_one(string hint, params string[] args)
    {
        var run = await CliRun.OfAsync(args);
        run.AssertFailsInOneLine(ExitCode.BadUsage);
        Assert.Contains(hint, run.Error, StringComparison.Ordinal);
    }

    /// <summary>Where the pipeline is does not matter to what works on files.</summary>
    [Theory]
    [InlineData(false, "add", "event", "--help")]
    [InlineData(false, "generate", "--help")]
    [InlineData(false, "contracts", "show", "--help")]
    [InlineData(false, "start", "--help")]
    [InlineData(true, "status", "--help")]
    [InlineData(true, "--help")]
    public async Task Help_shows_the_address_of_the_pipeline_where_it_is_asked(bool isShown, params string[] args)
    {
        var help = (await CliRun.OfAsync(args)).Output;
        Assert.Equal((isShown, isShown), (help.Contains("--url", StringComparison.Ordinal), help.Contains("--key", StringComparison.Ordinal)));
        Assert.Contains("--help", help, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("status")]
    [InlineData("orders", "show", "x")]
    [InlineData("replay", "dl:1", "--wait")]
    public async Task Nothing_listening_is_told_in_one_line(params string[] args)
    {
        var run = await CliRun.OfAsync([.. args, "--url", "http://127.0.0.1:9"]);

        run.AssertFailsInOneLine(ExitCode.Failed);
        Assert.Contains("Nothing answers at http://127.0.0.1:9", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Problem_details_are_shown_with_their_places()
    {
        stub.Answer("POST", "/api/replays", 400, new JsonObject
        {
            ["title"] = "Invalid request",
            ["detail"] = "Two members\nare wrong.",
            ["errors"] = new JsonObject { ["entry"] = new JsonArray("must be an id", "is too long"), ["consumer"] = new JsonArray("is unknown") },
        });
        var run = await CliRun.AgainstAsync(stub.Url, "replay", "dl:1");

        run.AssertFailsInOneLine(ExitCode.Failed);
        Assert.Contains(
            "Invalid request: Two members are wrong. entry: must be an id, is too long; consumer: is unknown (400 from POST",
            run.Error,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_answer_without_problem_details_is_told_by_its_code()
    {
        stub.Answer("GET", "/api/status", 500, new JsonObject());
        var run = await CliRun.AgainstAsync(stub.Url, "status");

        run.AssertFailsInOneLine(ExitCode.Failed);
        Assert.Contains("500 from GET", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_program_at_the_address_is_told()
    {
        stub.Answer("GET", "/api/health", 404, new JsonObject());
        stub.Answer("GET", "/api/status", 200, new JsonArray());
        var demo = await CliRun.AgainstAsync(stub.Url, "demo", "--exit");
        var status = await CliRun.AgainstAsync(stub.Url, "status");

        demo.AssertFailsInOneLine(ExitCode.Failed);
        Assert.Contains("it is not the pipeline", demo.Error, StringComparison.Ordinal);
        status.AssertFailsInOneLine(ExitCode.Failed);
    }

    [Fact]
    public async Task Status_shows_each_container()
    {
        var run = await CliRun.AgainstAsync(stub.Url, "status");

        Assert.Equal(ExitCode.Ok, run.ExitCode);
        Assert.Contains("ordering", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("status")]
    [InlineData("flow", "flow-1")]
    [InlineData("dead-letters", "list")]
    [InlineData("quarantine", "list")]
    [InlineData("blocked")]
    public async Task Json_is_printed_as_it_came(params string[] args)
    {
        stub.OpenDeadLetters.Add(StubDocuments.DeadLetter("dl:1", "order-1", DateTimeOffset.UnixEpoch));
        stub.Answer("GET", "/api/blocked", 200, new JsonObject { ["items"] = new JsonArray(), ["continuation"] = null });
        stub.Answer("GET", "/api/outbox/quarantined", 200, new JsonObject { ["items"] = new JsonArray(), ["continuation"] = null });
        var run = await CliRun.AgainstAsync(stub.Url, [.. args, "--json"]);

        Assert.Equal(ExitCode.Ok, run.ExitCode);
        Assert.NotNull(JsonNode.Parse(run.Output));
    }

    [Fact]
    public async Task Messages_that_wait_for_retry_are_shown_with_their_due_time()
    {
        var entry = StubDocuments.DeadLetter("dl:1", "order-1", DateTimeOffset.UnixEpoch);
        (entry["status"], entry["reason"], entry["retryAt"], entry["retries"]) = ("waitingForRetry", "TransientFailure", "2026-01-31T12:00:00+00:00", 2);
        stub.OpenDeadLetters.Add(entry);
        var list = await CliRun.AgainstAsync(stub.Url, "dead-letters", "list");
        Assert.Contains("2026-01-31 12:00:00.000Z", list.Output, StringComparison.Ordinal);

        var item = new JsonObject
        {
            ["container"] = "payments",
            ["partition"] = "order-1",
            ["consumer"] = "ordering/payments",
            ["entry"] = "dl:1",
            ["status"] = "waitingForRetry",
            ["reason"] = "TransientFailure",
            ["since"] = "2026-01-31T11:00:00+00:00",
            ["retryAt"] = "2026-01-31T12:00:00+00:00",
            ["waiting"] = 7,
        };
        stub.Answer("GET", "/api/blocked", 200, new JsonObject { ["items"] = new JsonArray(item), ["continuation"] = null });
        var blocked = await CliRun.AgainstAsync(stub.Url, "blocked", "--consumer", "ordering/payments");
        Assert.Equal(ExitCode.Ok, blocked.ExitCode);
        Assert.Matches("order-1\tordering/payments\tTransientFailure\t.+\t7\tautomatically", blocked.Output);
    }

    [Fact]
    public async Task Flow_is_a_timeline_indented_by_cause()
    {
        var run = await CliRun.AgainstAsync(stub.Url, "flow", "flow-1");

        Assert.Matches(@"\+0 ms\tPlaceOrder", run.Output);
        Assert.Matches(@"\+0 ms\t +order-placed\tfact\torder-1\t1\t\tordering/inventory\torder-1\t\+7 ms", run.Output);
        Assert.Matches(@"\+20 ms\t +stock-reserved", run.Output);
        Assert.Contains("ordering/payments", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_flow_shows_what_is_not_done_yet_and_why_and_each_message_below_its_cause()
    {
        stub.Answer("GET", "/api/flows/flow-1", 200, StubDocuments.OpenFlow("flow-1"));
        var plain = await CliRun.AgainstAsync(stub.Url, "flow", "flow-1");
        using var output = new StringWriter();
        using var error = new StringWriter();
        await CommandLine.RunAsync(
            ["flow", "flow-1", "--url", stub.Url.ToString()], Terminal.Emulated(output, error, width: 120), TimeProvider.System, CancellationToken.None);
        var live = Regex.Replace(output.ToString(), "\u001b\\[[0-9;]*m", "");

        // Each reply stands below its own command, although both commands were committed before either reply.
        Assert.Equal(
            ["PlaceOrder", "order-placed", "reserve-stock", "stock-held", "reserve-stock", "stock-held", "payment-charged"],
            Regex.Matches(plain.Output, @"^\+[^ ]+ \w+\t *(?<message>[A-Za-z-]+)", RegexOptions.Multiline | RegexOptions.ExplicitCapture).Select(match => match.Groups["message"].Value));
        Assert.Matches(@"order-placed\t.*\+3 ms\tordering/inventory\torder-1\t\+7 ms\t2 \+ 3 duplicates\thandled", plain.Output);
        Assert.Matches(@"payment-charged\t.*payments/shipping\t.*dead-lettered", plain.Output);
        Assert.Contains("Not done yet (1 of 7 steps):", plain.Output, StringComparison.Ordinal);
        Assert.Contains("  dead-lettered payment-charged no. 4 of order-1 at payments/shipping: The carrier refused.", plain.Output, StringComparison.Ordinal);
        Assert.Matches(@"stock-held\t.*, replayed", plain.Output);
        Assert.Contains("dead-lettered", live, StringComparison.Ordinal);
        Assert.Contains("\u001b[", output.ToString(), StringComparison.Ordinal);
        Assert.Contains("2 + 3 duplicates", live, StringComparison.Ordinal);
        Assert.Contains("stock at sku-demo-8b35-15", live, StringComparison.Ordinal);
        Assert.All(live.Split('\n'), line => Assert.True(line.TrimEnd().Length <= 120, line));
    }

    [Theory]
    [InlineData(3600, 2, "waiting for retry payment-charged no. 4 of order-1 at payments/shipping, retried automatically in [0-9][^,:]+, after 2 retries that failed: The carrier refused.")]
    [InlineData(3600, 0, "waiting for retry payment-charged no. 4 of order-1 at payments/shipping, retried automatically in [0-9][^,:]+: The carrier refused.")]
    [InlineData(-5, 1, "waiting for retry payment-charged no. 4 of order-1 at payments/shipping, retried automatically now, after 1 retry that failed: The carrier refused.")]
    public async Task A_flow_says_when_a_message_that_waits_for_retry_is_retried(int dueInSeconds, int retries, string expected)
    {
        var flow = StubDocuments.OpenFlow("flow-1");
        var step = flow["steps"]!.AsArray()[^1]!;
        (step["state"], step["retryAt"], step["retries"]) = ("waitingForRetry", DateTimeOffset.UtcNow.AddSeconds(dueInSeconds), retries);
        stub.Answer("GET", "/api/flows/flow-1", 200, flow);
        Assert.Matches(expected, (await CliRun.AgainstAsync(stub.Url, "flow", "flow-1")).Output);
    }

    [Fact]
    public async Task A_flow_of_causes_in_a_circle_is_still_drawn()
    {
        var flow = StubDocuments.Flow("flow-1");
        foreach (var step in flow["steps"]!.AsArray())
            step!["causationId"] = (string)step["eventId"]! == "e2" ? "e1" : "e2";
        stub.Answer("GET", "/api/flows/flow-1", 200, flow);
        var run = await CliRun.AgainstAsync(stub.Url, "flow", "flow-1");

        Assert.Equal(0, run.ExitCode);
        Assert.Equal(5, run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
    }

    [Fact]
    public async Task Dead_letters_are_listed_page_by_page_up_to_the_limit()
    {
        for (var i = 0; i < 7; i++)
            stub.OpenDeadLetters.Add(StubDocuments.DeadLetter(Invariant($"dl:{i}"), Invariant($"order-{i}"), DateTimeOffset.UnixEpoch));
        stub.PageSize = 2;
        var all = await CliRun.AgainstAsync(stub.Url, "dead-letters", "list");
        var few = await CliRun.AgainstAsync(stub.Url, "dead-letters", "list", "--limit", "3", "--consumer", "a/b", "--subject", "s&t");

        Assert.Empty(all.Error);
        Assert.Contains("dl:6", all.Output, StringComparison.Ordinal);
        Assert.Contains("dl:2", few.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("dl:3", few.Output, StringComparison.Ordinal);
        Assert.Contains("more than these 3", few.Output, StringComparison.Ordinal);
        Assert.Contains(stub.Requests, request => request.Contains("consumer=a%2Fb&subject=s%26t", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_dead_letter_is_found_by_its_id_alone()
    {
        stub.OpenDeadLetters.Add(StubDocuments.DeadLetter("dl:1", "order-1", DateTimeOffset.UnixEpoch));
        var entry = StubDocuments.DeadLetter("dl:1", "order-1", DateTimeOffset.UnixEpoch);
        entry["body"] = "what it said";
        stub.Answer("GET", "/api/dead-letters/ordering/order-1/dl:1", 200, entry);
        var found = await CliRun.AgainstAsync(stub.Url, "dead-letters", "show", "dl:1");
        var missing = await CliRun.AgainstAsync(stub.Url, "dead-letters", "show", "dl:2");

        Assert.Contains("what it said", found.Output, StringComparison.Ordinal);
        missing.AssertFailsInOneLine(ExitCode.Failed);
    }

    [Theory]
    [InlineData("completed", 1, 0, 0)]
    [InlineData("completed", 1, 1, 0)]
    [InlineData("completed", 0, 1, 1)]
    [InlineData("failed", 1, 0, 1)]
    [InlineData("stopped", 1, 0, 1)]
    public async Task Replay_waits_for_its_end_and_fails_if_nothing_could_be_sent(string end, int sent, int skipped, int exitCode)
    {
        JsonObject Replay(string status) => new()
        {
            ["replayId"] = "r1",
            ["status"] = status,
            ["subjects"] = 1,
            ["entries"] = 3,
            ["running"] = 0,
            ["completed"] = 0,
            ["failed"] = 0,
            ["skipped"] = skipped,
            ["sent"] = sent,
        };
        stub.Answer("GET", "/api/replays/r1/subjects", 200, new JsonObject { ["items"] = new JsonArray() });
        stub.Answer("POST", "/api/replays", 202, Replay("applying"));
        stub.Answer("GET", "/api/replays/r1", 200, Replay(end));
        var run = await CliRun.AgainstAsync(stub.Url, "replay", "order-1", "--wait");

        Assert.Equal(exitCode, run.ExitCode);
        Assert.Contains(end, run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void What_looks_like_a_ledger_entry_is_one()
    {
        Assert.Equal(new PlanReplayRequest { Entry = "dl:x", Apply = true }, ReplayCommand.Request("dl:x", null));
        Assert.Equal(new PlanReplayRequest { Subject = "order-1", Consumer = "c", Apply = true }, ReplayCommand.Request("order-1", "c"));
    }

    [Fact]
    public void An_order_is_blocked_by_its_own_subject_or_a_sku_of_it()
    {
        var order = new PlacedOrder(1, "7f", "flow-7f", [new OrderLine("demo-01", 1, 1)]);

        Assert.True(Blocking.IsBlocked(order, new HashSet<string> { "7f" }));
        Assert.True(Blocking.IsBlocked(order, new HashSet<string> { "flow-7f" }));
        Assert.True(Blocking.IsBlocked(order, new HashSet<string> { "sku:demo-01" }));
        Assert.False(Blocking.IsBlocked(order, new HashSet<string> { "87f", "sku:demo-02", "" }));
    }

    [Fact]
    public void The_plan_orders_twice_the_scarce_stock_and_no_sku_twice()
    {
        for (var orders = 1; orders < 100; orders++)
        {
            var planned = Enumerable.Range(1, orders).Select(new DemoPlan(orders, "run").Order).ToList();
            var scarce = planned.Count(order => order.Lines.Any(line => line.Sku == "demo-run-scarce"));

            Assert.Equal(scarce / 2, new DemoPlan(orders, "run").Scarce);
            Assert.All(planned, order => Assert.Equal(order.Lines.Count, order.Lines.DistinctBy(line => line.Sku).Count()));
            Assert.All(planned, order => Assert.InRange(order.Lines.Count, 1, 3));
        }
    }
}
