using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Pipeline.Cli;

namespace Pipeline.Tests.Cli;

/// <summary>The commands that try and edit dead letters: what they send, what they ask, and what they exit with.</summary>
public sealed class EditTests : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory();
    private readonly List<JsonObject> _bodies = [];
    private PipelineStub stub = null!;

    private string Patch => Path.Combine(_folder.FullName, "patch.json");

    public async Task InitializeAsync()
    {
        await File.WriteAllTextAsync(Patch, """[{"op":"remove","path":"/a"}]""");
        stub = await PipelineStub.StartAsync();
        stub.OpenDeadLetters.Add(StubDocuments.DeadLetter("dl:1", "order-1", DateTimeOffset.UnixEpoch));
        stub.Answer("GET", "/api/dead-letters/groups", 200, new JsonObject
        {
            ["items"] = new JsonArray(new JsonObject { ["fingerprint"] = "0123456789ab", ["summary"] = "boom", ["count"] = 3, ["consumers"] = new JsonArray("inventory/ordering") }),
            ["total"] = 3,
            ["ungrouped"] = 0,
            ["asOf"] = DateTimeOffset.UnixEpoch,
        });
        var steps = 0;
        stub.First = async context =>
        {
            if (context.Request.Method != "POST")
                return false;
            using var reader = new StreamReader(context.Request.Body);
            if (await reader.ReadToEndAsync() is { Length: > 0 } body)
                _bodies.Add(JsonNode.Parse(body)!.AsObject());
            var answer = context.Request.Path.Value switch
            {
                "/api/dead-letters/edit" => new JsonObject
                {
                    ["edited"] = 1,
                    ["alreadyEdited"] = 0,
                    ["refusedCount"] = steps,
                    ["refused"] = new JsonArray([.. Enumerable.Range(0, steps).Select(i => new JsonObject { ["container"] = "c", ["partition"] = "p", ["id"] = "dl:9", ["reason"] = "there is no '/a'." })]),
                    ["continuation"] = steps++ == 0 ? "next" : null,
                },
                "/api/dead-letters/ordering/order-1/dl:1/dry-run" => Run(),
                _ => StubDocuments.DeadLetter("dl:1", "order-1", DateTimeOffset.UnixEpoch),
            };
            context.Response.ContentType = "application/json";
            await context.Response.WriteAsync(answer.ToJsonString());
            return true;
        };
    }

    public async Task DisposeAsync()
    {
        await stub.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task A_dry_run_that_would_not_succeed_shows_why_and_exits_with_1()
    {
        var run = await CliRun.AgainstAsync(stub.Url, "dead-letters", "dry-run", "dl:1");
        Assert.Equal((ExitCode.Failed, ""), (run.ExitCode, run.Error));
        Assert.Contains("order-placed no. 1: handled", run.Output, StringComparison.Ordinal);
        Assert.Contains("/status: \"open\" -> \"charged\"", run.Output, StringComparison.Ordinal);
        Assert.Contains("/new: + [1]", run.Output, StringComparison.Ordinal);
        Assert.Contains("and 7 changes more", run.Output, StringComparison.Ordinal);
        Assert.Contains("order-cancelled no. 2 (edited): fails: ContractViolation", run.Output, StringComparison.Ordinal);
        Assert.Contains("$.reason: is empty", run.Output, StringComparison.Ordinal);
        Assert.Contains("order-1 at c: 1 would be handled, then it would stop; 4 behind that would stay. Nothing was written.", run.Output, StringComparison.Ordinal);
        Assert.Contains("run it again", run.Output, StringComparison.Ordinal);
        Assert.NotNull(JsonNode.Parse((await CliRun.AgainstAsync(stub.Url, "dead-letters", "dry-run", "dl:1", "--json")).Output));
    }

    [Fact]
    public async Task A_group_is_edited_step_by_step_after_a_question()
    {
        string[] args = ["dead-letters", "edit", "--group", "0123456789ab", "--patch", Patch, "--why", "w", "--by", "ann"];
        (await CliRun.AgainstAsync(stub.Url, args)).AssertFailsInOneLine(ExitCode.Failed);
        Assert.Empty(_bodies);

        var done = await CliRun.AgainstAsync(stub.Url, [.. args, "--yes"]);

        Assert.Equal(ExitCode.Failed, done.ExitCode);
        Assert.Equal([null, "next"], _bodies.Select(b => (string?)b["continuation"]));
        Assert.All(_bodies, b => Assert.Equal((3, "ann", "w", "remove"), ((int)b["count"]!, (string)b["by"]!, (string)b["why"]!, (string)b["patch"]![0]!["op"]!)));
        Assert.Contains("not edited: there is no '/a'.", done.Output, StringComparison.Ordinal);
        Assert.Contains("Edited 2 dead letters; 1 could not be edited and are unchanged.", done.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_is_edited_with_a_patch_or_a_replacement()
    {
        Assert.Equal(ExitCode.Ok, (await CliRun.AgainstAsync(stub.Url, "dead-letters", "edit", "dl:1", "--patch", Patch, "--why", "w", "--by", "ann", "--from", "2")).ExitCode);
        Assert.Equal(ExitCode.Ok, (await CliRun.AgainstAsync(stub.Url, "dead-letters", "edit", "dl:1", "--replacement", Patch, "--why", "w", "--by", "ann")).ExitCode);
        Assert.Equal((2, true, false), ((int)_bodies[0]["from"]!, _bodies[0].ContainsKey("patch"), _bodies[0].ContainsKey("replacement")));
        Assert.Equal((false, true), (_bodies[1].ContainsKey("patch"), _bodies[1].ContainsKey("replacement")));
    }

    [Fact]
    public async Task A_subject_stands_for_the_dead_letter_that_blocks_it_if_there_is_one()
    {
        string[] edit = ["dead-letters", "edit", "order-1", "--patch", Patch, "--why", "w", "--by", "ann"];
        stub.Answer("GET", "/api/dead-letters/ordering/order-1/dl:1", 200, StubDocuments.DeadLetter("dl:1", "order-1", DateTimeOffset.UnixEpoch));
        var done = await CliRun.AgainstAsync(stub.Url, edit);
        Assert.Equal((ExitCode.Ok, ""), (done.ExitCode, done.Error));
        Assert.Contains("dead-letters dry-run dl:1", done.Output, StringComparison.Ordinal);

        var other = StubDocuments.DeadLetter("dl:2", "order-1", DateTimeOffset.UnixEpoch);
        (other["consumer"], other["inOrder"]) = ("ordering/analytics", false);
        stub.OpenDeadLetters.Add(other);
        var several = await CliRun.AgainstAsync(stub.Url, edit);
        several.AssertFailsInOneLine(ExitCode.Failed);
        Assert.Contains("2 dead letters block the subject 'order-1'", several.Error, StringComparison.Ordinal);
        Assert.Contains("dl:2 at ordering/analytics", several.Error, StringComparison.Ordinal);
        Assert.Single(_bodies);
    }

    [Theory]
    [InlineData("dl:1")]
    [InlineData("dl:1", "--patch", "a", "--replacement", "b")]
    [InlineData("dl:1", "--group", "0123456789ab", "--patch", "a")]
    [InlineData("--group", "0123456789ab", "--replacement", "a")]
    [InlineData("--group", "0123456789ab", "--patch", "a", "--from", "1")]
    [InlineData("--event", "e-1", "dl:1", "--patch", "a")]
    [InlineData("--event", "e-1", "--patch", "a", "--from", "1")]
    [InlineData("dl:1", "--source", "ordering", "--patch", "a")]
    public async Task What_is_meant_has_to_be_said(params string[] args)
    {
        var run = await CliRun.AgainstAsync(stub.Url, ["dead-letters", "edit", .. args, "--why", "w"]);
        Assert.NotEqual(ExitCode.Ok, run.ExitCode);
        Assert.Empty(_bodies);
    }

    [Theory]
    [InlineData("missing.json", null, "There is no file")]
    [InlineData("bad.json", "{", "is not JSON")]
    public async Task A_file_that_cannot_be_used_is_named(string name, string? content, string why)
    {
        var file = Path.Combine(_folder.FullName, name);
        if (content is not null)
            await File.WriteAllTextAsync(file, content);
        var run = await CliRun.AgainstAsync(stub.Url, "dead-letters", "edit", "dl:1", "--patch", file, "--why", "w");
        run.AssertFailsInOneLine(ExitCode.Failed);
        Assert.Contains(why, run.Error, StringComparison.Ordinal);
        Assert.Contains(name, run.Error, StringComparison.Ordinal);
    }

    private static JsonObject Run() => JsonNode.Parse("""
        {
          "container": "ordering", "partition": "order-1", "consumer": "c", "handled": 1, "notReached": 4, "limitReached": false, "movedOn": true,
          "steps": [
            { "entry": "dl:1", "type": "com.contoso.ordering.order-placed.v1", "sequence": 1, "outcome": "handled",
              "state": [ { "partition": "order-1", "more": 7, "changes": [
                { "path": "/status", "kind": "changed", "old": "open", "new": "charged" }, { "path": "/new", "kind": "added", "old": null, "new": [1] } ] } ] },
            { "entry": "dl:2", "type": "com.contoso.ordering.order-cancelled.v1", "sequence": 2, "edit": "dl:2#1", "outcome": "failed",
              "reason": "ContractViolation", "description": "$.reason: is empty" }
          ]
        }
        """)!.AsObject();
}
