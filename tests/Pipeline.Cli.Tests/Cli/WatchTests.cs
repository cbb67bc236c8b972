using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Pipeline.Cli;

namespace Pipeline.Tests.Cli;

public sealed class WatchTests : IAsyncLifetime
{
    private static readonly DateTimeOffset Start = new(2026, 7, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly ConcurrentQueue<string?> looks = [];
    private PipelineStub stub = null!;

    public async Task InitializeAsync() => stub = await PipelineStub.StartAsync();

    public async Task DisposeAsync() => await stub.DisposeAsync();

    [Fact]
    public async Task Rates_totals_latencies_and_what_waits_are_lines_and_Ctrl_C_is_0()
    {
        stub.OpenDeadLetters.Add(StubDocuments.DeadLetter("dl:1", "order-1", Start));
        stub.Activity = Script(
            Activity(0, 0, "c0"),
            Activity(0, 2, "c1", ("ordering/payments", 10)),
            Activity(2, 4, "c2", ("ordering/payments", 5), ("payments/shipping", 1)));
        var run = await WatchAsync(looksAtLeast: 4, Terminal.Plain);

        Assert.Equal(0, run.ExitCode);
        Assert.Empty(run.Error);
        Assert.Equal([null, "c0", "c1", "c2"], looks.Take(4));
        Assert.Contains("shipping payments/shipping: 0.5 per second, 1 in all, p50 12 ms, p99 34 ms", run.Output, StringComparison.Ordinal);
        Assert.Contains("payments ordering/payments: 5.0 per second, 10 in all", run.Output, StringComparison.Ordinal);
        Assert.Contains("payments ordering/payments: 2.5 per second, 15 in all", run.Output, StringComparison.Ordinal);
        Assert.Contains("ordering: unpublished 0, quarantined 0, blocked subjects 1, open dead letters 1", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', run.Output);
    }

    [Fact]
    public async Task Pages_that_belong_together_are_one_look()
    {
        stub.Activity = Script(
            Activity(0, 2, "c1", more: true, ("a/b", 10)),
            Activity(0, 4, "c2", more: false, ("a/b", 30)),
            Activity(4, 6, "c3"));
        var run = await WatchAsync(looksAtLeast: 3, Terminal.Plain);

        Assert.Contains("b a/b: 10.0 per second, 40 in all", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("10 in all", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Json_is_one_document_a_line()
    {
        stub.Activity = Script(Activity(0, 2, "c1", ("a/b", 10)));
        var run = await WatchAsync(looksAtLeast: 2, Terminal.Plain, "--json");

        Assert.Equal(0, run.ExitCode);
        var first = JsonNode.Parse(run.Output.Split('\n')[0])!;
        Assert.Equal(5.0, (double)first["consumers"]![0]!["perSecond"]!);
        Assert.Equal("ordering", (string)first["containers"]![0]!["container"]!);
        Assert.Null(first["failure"]);
    }

    [Fact]
    public async Task A_pipeline_that_is_away_for_a_while_is_waited_for()
    {
        stub.Activity = Script(
            Activity(0, 2, "c1", ("a/b", 10)),
            Results.StatusCode(503),
            Results.Text("{\"title\":\"Invalid continuation\"}", "application/problem+json", statusCode: 400),
            Activity(9, 10, "d1", ("a/b", 7)));
        var run = await WatchAsync(looksAtLeast: 5, Terminal.Plain);

        Assert.Equal([null, "c1", "c1", null, "d1"], looks.Take(5));
        Assert.Contains("503 from GET", run.Output, StringComparison.Ordinal);
        Assert.Contains("b a/b: 7.0 per second, 17 in all", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task In_a_terminal_it_is_redrawn_in_tables_and_the_cursor_is_back()
    {
        stub.Activity = Script(Activity(0, 2, "c1", ("ordering/payments", 10)), Activity(2, 4, "c2", ("ordering/payments", 10)));
        var run = await WatchAsync(looksAtLeast: 3, (output, error) => Terminal.Emulated(output, error, width: 120));

        Assert.Equal(0, run.ExitCode);
        Assert.Contains("per second", run.Output, StringComparison.Ordinal);
        Assert.Contains("oldest", run.Output, StringComparison.Ordinal);
        Assert.Contains("\u001b[?25h", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_without_activity_is_told_at_once()
    {
        var run = await CliRun.AgainstAsync(stub.Url, "watch");

        run.AssertFailsInOneLine(ExitCode.Failed);
        Assert.Contains("older than this tool", run.Error, StringComparison.Ordinal);
    }

    private static IResult Activity(int from, int to, string continuation, params (string Consumer, int Handled)[] consumers) =>
        Activity(from, to, continuation, more: false, consumers);

    private static IResult Activity(int from, int to, string continuation, bool more, params (string Consumer, int Handled)[] consumers) =>
        PipelineStub.Json(new JsonObject
        {
            ["from"] = Start.AddSeconds(from),
            ["to"] = Start.AddSeconds(to),
            ["changes"] = 1,
            ["more"] = more,
            ["continuation"] = continuation,
            ["consumers"] = new JsonArray([.. consumers.Select(c => new JsonObject
            {
                ["container"] = c.Consumer.Split('/')[1],
                ["consumer"] = c.Consumer,
                ["handled"] = c.Handled,
                ["p50Ms"] = 12,
                ["p99Ms"] = 34,
                ["maxMs"] = 56,
            })]),
        });

    /// <summary>Answers one after the other; the last one's place then says that nothing more was handled.</summary>
    private Func<string?, IResult> Script(params IResult[] answers)
    {
        var next = 0;
        return continuation =>
        {
            looks.Enqueue(continuation);
            return next < answers.Length ? answers[next++] : Activity(10, 12, "end");
        };
    }

    private async Task<CliRun> WatchAsync(int looksAtLeast, Func<TextWriter, TextWriter, Terminal> terminal, params string[] args)
    {
        using var stop = new CancellationTokenSource();
        using var output = new StringWriter();
        using var error = new StringWriter();
        var running = CommandLine.RunAsync(
            ["watch", "--every", "1", .. args, "--url", stub.Url.ToString()], terminal(output, error), TimeProvider.System, stop.Token);

        // What the last look but one saw has been shown when the next one comes.
        await Eventually.TrueAsync(() => running.IsCompleted || looks.Count >= looksAtLeast);
        await stop.CancelAsync();
        return new CliRun(await running, output.ToString(), error.ToString());
    }
}
