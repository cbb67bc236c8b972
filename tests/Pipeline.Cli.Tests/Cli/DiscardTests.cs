using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Pipeline.Cli;

namespace Pipeline.Tests.Cli;

/// <summary>The commands that give something up: they ask, refuse where nobody can be asked, and say who and why.</summary>
public sealed class DiscardTests : IAsyncLifetime
{
    private readonly List<JsonObject> _bodies = [];
    private PipelineStub stub = null!;

    public async Task InitializeAsync()
    {
        stub = await PipelineStub.StartAsync();
        stub.OpenDeadLetters.Add(StubDocuments.DeadLetter("dl:1", "order-1", DateTimeOffset.UnixEpoch));
        stub.Answer("POST", "/api/dead-letters/ordering/order-1/dl:1/discard", 200, StubDocuments.DeadLetter("dl:1", "order-1", DateTimeOffset.UnixEpoch));
        stub.Answer("GET", "/api/dead-letters/groups", 200, Groups(1500));
        stub.Answer("POST", "/api/outbox/quarantined/ordering/order-1/7/discard", 200, new JsonObject());
        var steps = 0;
        stub.First = async context =>
        {
            if (context.Request.Method != "POST")
                return false;
            context.Request.EnableBuffering();
            using var reader = new StreamReader(context.Request.Body, leaveOpen: true);
            if (JsonNode.Parse(await reader.ReadToEndAsync()) is JsonObject body)
                _bodies.Add(body);
            context.Request.Body.Position = 0;
            var answer = context.Request.Path.Value switch
            {
                "/api/dead-letters/discard" => new JsonObject { ["discarded"] = 750, ["remaining"] = steps++ == 0 ? 750 : 0 },
                "/api/outbox/quarantined/release" => new JsonObject { ["released"] = 10, ["more"] = steps++ == 0, ["before"] = DateTimeOffset.UnixEpoch },
                _ => null,
            };
            if (answer is null)
                return false;
            context.Response.ContentType = "application/json";
            await context.Response.WriteAsync(answer.ToJsonString());
            return true;
        };
    }

    public async Task DisposeAsync() => await stub.DisposeAsync();

    [Theory]
    [InlineData("dead-letters", "discard", "dl:1", "--reason", "done by hand")]
    [InlineData("dead-letters", "discard", "--group", "0123456789ab", "--reason", "done by hand")]
    [InlineData("quarantine", "discard", "ordering", "order-1", "7", "--reason", "done by hand")]
    public async Task Where_nobody_can_be_asked_it_refuses_without_yes_and_does_it_with_yes(params string[] args)
    {
        var refused = await CliRun.AgainstAsync(stub.Url, args);
        refused.AssertFailsInOneLine(ExitCode.Failed);
        Assert.Contains("--yes", refused.Error, StringComparison.Ordinal);
        Assert.Empty(_bodies);

        var done = await CliRun.AgainstAsync(stub.Url, [.. args, "--yes", "--by", "ann"]);
        Assert.Equal((ExitCode.Ok, ""), (done.ExitCode, done.Error));
        Assert.All(_bodies, body => Assert.Equal(("done by hand", "ann"), ((string)body["reason"]!, (string)body["by"]!)));
        Assert.NotEmpty(_bodies);
        Assert.NotNull(JsonNode.Parse((await CliRun.AgainstAsync(stub.Url, [.. args, "--yes", "--json"])).Output));
    }

    [Theory]
    [InlineData("y", ExitCode.Ok, 1)]
    [InlineData("n", ExitCode.Failed, 0)]
    [InlineData("", ExitCode.Failed, 0)]
    public async Task On_a_terminal_it_asks(string answer, int exitCode, int bodies)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        using var answers = new StringReader(answer + "\n");
        var exit = await CommandLine.RunAsync(
            ["dead-letters", "discard", "dl:1", "--reason", "r", "--url", stub.Url.ToString()],
            Terminal.Emulated(output, error, width: 120, answers), TimeProvider.System, CancellationToken.None);

        Assert.Contains("Discard stock-reserved of order-1", output.ToString(), StringComparison.Ordinal);
        Assert.Equal((exitCode, bodies), (exit, _bodies.Count));
    }

    [Fact]
    public async Task A_group_is_discarded_step_by_step_with_the_count_and_time_that_were_seen()
    {
        var run = await CliRun.AgainstAsync(stub.Url, "dead-letters", "discard", "--group", "0123456789ab", "--reason", "r", "--yes");

        Assert.Contains("Discarded 1,500 dead letters", run.Output, StringComparison.Ordinal);
        Assert.Equal(2, _bodies.Count);
        Assert.All(_bodies, body => Assert.Equal((1500, DateTimeOffset.UnixEpoch), ((int)body["count"]!, (DateTimeOffset)body["before"]!)));
    }

    [Fact]
    public async Task A_group_of_quarantined_messages_is_released_step_by_step_up_to_when_it_began()
    {
        var run = await CliRun.AgainstAsync(stub.Url, "quarantine", "release", "--reason", "too large");

        Assert.Contains("Released 20 messages", run.Output, StringComparison.Ordinal);
        Assert.Equal([null, DateTimeOffset.UnixEpoch], _bodies.Select(body => (DateTimeOffset?)body["before"]));
    }

    [Fact]
    public async Task Groups_show_the_cause_and_the_list_takes_all_filters()
    {
        var groups = await CliRun.AgainstAsync(stub.Url, "dead-letters", "groups", "--consumer", "a/b");
        await CliRun.AgainstAsync(
            stub.Url, "dead-letters", "list", "--type", "t", "--reason", "Expired", "--fingerprint", "0123456789ab", "--from", "2026-01-31T08:00:00Z", "--to", "2026-02-01", "--status", "discarded");
        await CliRun.AgainstAsync(stub.Url, "dead-letters", "list", "--waiting-for-retry");
        await CliRun.AgainstAsync(stub.Url, "dead-letters", "list", "--status", "waiting-for-retry");

        Assert.Matches("0123456789ab\t1,500\ta/b\t.*HandlerFailed: Broken", groups.Output);
        Assert.Equal(2, stub.Requests.Count(r => r.Contains("dead-letters?status=waitingForRetry", StringComparison.Ordinal)));
        Assert.Contains(stub.Requests, r => r.Contains("dead-letters/groups?status=open&consumer=a%2Fb", StringComparison.Ordinal));
        Assert.Contains(
            stub.Requests,
            r => r.Contains("status=discarded&type=t&reason=Expired&fingerprint=0123456789ab&from=2026-01-31T08%3A00%3A00.0000000%2B00%3A00&to=2026-02-01T00", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("dead-letters", "discard", "--reason", "r")]
    [InlineData("dead-letters", "discard", "dl:1", "--group", "g", "--reason", "r")]
    [InlineData("dead-letters", "discard", "dl:1")]
    [InlineData("dead-letters", "list", "--from", "yesterday")]
    [InlineData("dead-letters", "list", "--status", "odd")]
    [InlineData("quarantine", "release")]
    [InlineData("quarantine", "release", "ordering", "p")]
    [InlineData("quarantine", "release", "ordering", "p", "1", "--type", "t")]
    [InlineData("quarantine", "discard", "ordering", "p", "--reason", "r")]
    public async Task Bad_usage_is_told(params string[] args) => (await CliRun.AgainstAsync(stub.Url, args)).AssertFailsInOneLine(ExitCode.BadUsage);

    private static JsonObject Groups(int count) => new()
    {
        ["items"] = new JsonArray(new JsonObject
        {
            ["fingerprint"] = "0123456789ab",
            ["summary"] = "HandlerFailed: Broken",
            ["count"] = count,
            ["firstSeen"] = DateTimeOffset.UnixEpoch,
            ["lastSeen"] = DateTimeOffset.UnixEpoch,
            ["consumers"] = new JsonArray("a/b"),
        }),
        ["total"] = count,
        ["ungrouped"] = 0,
        ["asOf"] = DateTimeOffset.UnixEpoch,
    };
}
