using System.Text.Json.Nodes;
using Pipeline.Cli;

namespace Pipeline.Tests.Cli;

/// <summary>What an operator reads: what failed and what to do, how it ended, why something was not sent.</summary>
public sealed class OperatorWordsTests : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory();
    private PipelineStub stub = null!;

    public async Task InitializeAsync()
    {
        stub = await PipelineStub.StartAsync();
        stub.OpenDeadLetters.Add(StubDocuments.DeadLetter("dl:1", "order-1", DateTimeOffset.UnixEpoch));
    }

    public async Task DisposeAsync()
    {
        await stub.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [Theory]
    [InlineData("dl:1")]
    [InlineData("order-1")]
    public async Task Show_takes_an_id_or_a_blocked_subject_and_begins_with_what_why_since_when_who_waits_and_what_to_do(string target)
    {
        stub.OpenDeadLetters.Insert(0, StubDocuments.DeadLetter("dl:2", "order-1", DateTimeOffset.UnixEpoch));
        stub.OpenDeadLetters.Add(StubDocuments.DeadLetter("dl:3", "order-10", DateTimeOffset.UnixEpoch));
        var follower = StubDocuments.DeadLetter("dl:2", "order-1", DateTimeOffset.UnixEpoch);
        follower["waitsBehind"] = "dl:1";
        stub.Answer("GET", "/api/dead-letters/ordering/order-1/dl:2", 200, follower);
        var shown = StubDocuments.DeadLetter("dl:1", "order-1", DateTimeOffset.UnixEpoch);
        shown["followers"] = new JsonObject { ["count"] = 4, ["first"] = new JsonArray(new JsonObject { ["id"] = "dl:2", ["type"] = "com.contoso.a.order-cancelled.v1", ["sequence"] = 2 }) };
        stub.Answer("GET", "/api/dead-letters/ordering/order-1/dl:1", 200, shown);

        var run = await CliRun.AgainstAsync(stub.Url, "dead-letters", "show", target);

        Assert.Equal((ExitCode.Ok, ""), (run.ExitCode, run.Error));
        var lines = run.Output.Split('\n');
        Assert.Matches("^what\tstock-reserved no. 1 of order-1 is not handled at inventory/ordering", lines[0]);
        Assert.Matches("^why\tHandlerFailed: boom", lines[1]);
        Assert.Matches("^since\t1970-01-01 .* ago; delivered 5 times", run.Output.Split("since")[1].Insert(0, "since").ReplaceLineEndings(" "));
        Assert.Contains("4 messages behind it: order-cancelled no. 2, ...", run.Output.ReplaceLineEndings(" "), StringComparison.Ordinal);
        Assert.Contains("what to do: fix the cause, check with a dry run", run.Output, StringComparison.Ordinal);
        Assert.Contains("replay dl:1 --wait", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Show_of_a_subject_of_which_nothing_waits_says_where_to_look()
    {
        var run = await CliRun.AgainstAsync(stub.Url, "dead-letters", "show", "order-9");
        run.AssertFailsInOneLine(ExitCode.Failed);
        Assert.Contains("list --subject order-9 --status closed", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_closed_list_shows_the_result_and_an_edit_is_no_replay_in_vain()
    {
        var handled = StubDocuments.DeadLetter("dl:8", "order-8", DateTimeOffset.UnixEpoch);
        (handled["status"], handled["result"], handled["attempt"], handled["edited"]) = ("closed", "handled", 0, 1);
        var discarded = StubDocuments.DeadLetter("dl:9", "order-9", DateTimeOffset.UnixEpoch);
        (discarded["status"], discarded["result"], discarded["attempt"]) = ("closed", "discarded", 2);
        discarded["discarded"] = new JsonObject { ["at"] = DateTimeOffset.UnixEpoch, ["by"] = "ann", ["reason"] = "Not ours." };
        stub.ClosedDeadLetters.AddRange([handled, discarded]);
        using var output = new StringWriter();
        using var error = new StringWriter();
        await CommandLine.RunAsync(
            ["dead-letters", "list", "--closed", "--url", stub.Url.ToString()], Terminal.Emulated(output, error, width: 200), TimeProvider.System, CancellationToken.None);
        var piped = await CliRun.AgainstAsync(stub.Url, "dead-letters", "list", "--closed");

        Assert.Contains("edited 1 time; handled", output.ToString(), StringComparison.Ordinal);
        Assert.Contains("2 replays failed; discarded by ann: Not ours.", output.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("1 replay failed", output.ToString(), StringComparison.Ordinal);
        Assert.Matches("dl:8\t.*\t0\t1\t.*handled", piped.Output);
        Assert.Contains("discarded by ann: Not ours.", piped.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refused_edit_is_told_once()
    {
        var patch = Path.Combine(_folder.FullName, "patch.json");
        await File.WriteAllTextAsync(patch, "[]");
        const string Why = "$.lines[0].quantity: -1 is not between 1 and 1000000";
        stub.Answer("POST", "/api/dead-letters/ordering/order-1/dl:1/edit", 422, new JsonObject
        {
            ["title"] = "Edit refused",
            ["detail"] = "Nothing was changed. With that data it breaks its contract: " + Why,
            ["errors"] = new JsonObject { ["$.lines[0].quantity"] = new JsonArray("ContractViolation: " + Why) },
        });

        var run = await CliRun.AgainstAsync(stub.Url, "dead-letters", "edit", "dl:1", "--patch", patch, "--why", "w", "--by", "ann");

        run.AssertFailsInOneLine(ExitCode.Failed);
        Assert.Equal(2, run.Error.Split("-1 is not between").Length);
        Assert.Contains(Why, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_replay_that_sent_less_than_planned_says_why()
    {
        stub.Answer("GET", "/api/replays/r1", 200, new JsonObject
        {
            ["replayId"] = "r1",
            ["status"] = "failed",
            ["detail"] = "Stopped by itself.",
            ["subjects"] = 5,
            ["entries"] = 5,
            ["running"] = 0,
            ["completed"] = 0,
            ["failed"] = 1,
            ["skipped"] = 4,
            ["sent"] = 1,
            ["alreadyHandled"] = 0,
        });
        stub.Answer("GET", "/api/replays/r1/subjects", 200, new JsonObject
        {
            ["items"] = new JsonArray([.. Enumerable.Range(1, 5).Select(i => new JsonObject
            {
                ["number"] = i, ["partition"] = Invariant($"o-{i}"), ["consumer"] = "c", ["waiting"] = 1, ["sent"] = i == 1 ? 1 : 0,
                ["status"] = i == 1 ? "stopped" : "skipped", ["detail"] = i == 1 ? "boom" : "The limit of failed subjects was reached.",
            })]),
        });

        var run = await CliRun.AgainstAsync(stub.Url, "replay", "status", "r1", "--wait");

        Assert.Equal(ExitCode.Failed, run.ExitCode);
        Assert.Contains(
            "r1 failed: 5 of 5 subjects over (0 completed, 1 failed again, 4 left as they are), 1 of 5 messages sent (the rest waits in subjects that failed again or were left as they are)",
            run.Output, StringComparison.Ordinal);
        Assert.Contains("4 subjects left as they are, such as o-2: The limit of failed subjects was reached.", run.Output, StringComparison.Ordinal);
        Assert.Contains("1 subject failed again, such as o-1: boom", run.Output, StringComparison.Ordinal);
    }
}
