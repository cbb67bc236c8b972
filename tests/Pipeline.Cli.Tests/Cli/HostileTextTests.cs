using System.Text.Json.Nodes;
using Pipeline.Cli;

namespace Pipeline.Tests.Cli;

/// <summary>Nothing that came from outside steers the operator's terminal, whichever way it is shown.</summary>
public sealed class HostileTextTests : IAsyncLifetime
{
    private PipelineStub stub = null!;

    public async Task InitializeAsync() => stub = await PipelineStub.StartAsync();

    public async Task DisposeAsync() => await stub.DisposeAsync();

    public static TheoryData<string> Commands() => [.. TableDocuments.Commands().Select(row => (string)row[0]).Where(command => !command.StartsWith("contracts", StringComparison.Ordinal))];

    [Theory]
    [MemberData(nameof(Commands))]
    public async Task No_output_holds_what_a_terminal_obeys(string command)
    {
        string[] spare = command.StartsWith("dead-letters show", StringComparison.Ordinal) || command.StartsWith("dead-letters dry-run", StringComparison.Ordinal)
            ? ["id", "container", "partition"] : [];
        TableDocuments.PlayOn(stub, document => HostileDocuments.Of(document, spare));
        var runs = new List<CliRun>
        {
            await CliRun.AgainstAsync(stub.Url, command.Split(' ')),
            await CliRun.AgainstAsync(stub.Url, [.. command.Split(' '), "--json"]),
            await HostileDocuments.InTerminalAsync(stub, 80, command.Split(' ')),
            await HostileDocuments.InTerminalAsync(stub, 160, command.Split(' ')),
        };

        Assert.All(runs, run => Assert.Empty(HostileText.FoundIn(run.Output + run.Error)));
        Assert.All(runs, run => Assert.Contains("u001b]0;owned", run.Output, StringComparison.OrdinalIgnoreCase));
        Assert.All(runs, run => Assert.DoesNotContain("bug of the tool", run.Error, StringComparison.Ordinal));

        // Markup is text, and no value begins a line of its own. JSON is what it was.
        Assert.All(runs.Where((_, i) => i != 1), run => Assert.DoesNotContain("\n12:00:00 error: forged", run.Output, StringComparison.Ordinal));
        Assert.Contains("[red]", runs[0].Output, StringComparison.Ordinal);
        Assert.NotNull(JsonNode.Parse(runs[1].Output));
    }

    [Fact]
    public async Task Json_says_the_same_as_the_pipeline()
    {
        var status = HostileDocuments.Of(TableDocuments.Status());
        status["ofANewerPipeline"] = new JsonObject { ["a"] = HostileText.Text };
        WireDocuments.Complete(status, Pipeline.Client.PipelineJson.Default.PipelineStatus);
        stub.Answer("GET", "/api/status", 200, status);
        var run = await CliRun.AgainstAsync(stub.Url, "status", "--json");
        Assert.True(JsonNode.DeepEquals(status, JsonNode.Parse(run.Output)));
    }

    [Theory]
    [InlineData("status")]
    [InlineData("replay", "order-1")]
    [InlineData("demo", "--exit", "--orders", "3")]
    public async Task No_error_holds_what_a_terminal_obeys(params string[] args)
    {
        var problem = HostileDocuments.Of(new JsonObject
        {
            ["title"] = "Bad",
            ["detail"] = "detail",
            ["errors"] = new JsonObject { ["name" + HostileText.Text] = new JsonArray("wrong") },
        });
        foreach (var path in new[] { "GET /api/status", "POST /api/replays", "PUT /api/stock/demo-run-01", "POST /api/orders" })
            stub.Answer(path.Split(' ')[0], path.Split(' ')[1], 422, problem);
        foreach (var run in new[] { await CliRun.AgainstAsync(stub.Url, args), await HostileDocuments.InTerminalAsync(stub, 80, args) })
        {
            Assert.Equal(ExitCode.Failed, run.ExitCode);
            Assert.Empty(HostileText.FoundIn(run.Output + run.Error));
            Assert.Contains("u001b]0;owned", run.Error, StringComparison.Ordinal);
            Assert.Single(run.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        }
    }

    [Fact]
    public async Task Arguments_are_repeated_without_what_a_terminal_obeys()
    {
        foreach (var args in new[] { new[] { "status", HostileText.Text }, ["contracts", "show", HostileText.Text], ["contracts", "validate", HostileText.Text], ["status", "--url", HostileText.Text] })
        {
            var run = await CliRun.OfAsync(args);
            Assert.NotEqual(0, run.ExitCode);
            Assert.Empty(HostileText.FoundIn(run.Output + run.Error));
        }
    }

    [Fact]
    public async Task The_question_before_a_discard_shows_what_it_is_about_as_it_is()
    {
        TableDocuments.PlayOn(stub, document => HostileDocuments.Of(document, "id", "container", "partition"));
        using var output = new StringWriter();
        using var error = new StringWriter();
        using var no = new StringReader("n\n");
        await CommandLine.RunAsync(
            ["dead-letters", "discard", TableDocuments.Id, "--reason", "r", "--by", "me", "--url", stub.Url.ToString()],
            Terminal.Emulated(output, error, 120, no), TimeProvider.System, CancellationToken.None);
        Assert.Contains("[y/N]", output.ToString(), StringComparison.Ordinal);
        Assert.Empty(HostileText.FoundIn(output.ToString()));
    }

    [Fact]
    public void Half_a_character_and_one_that_comes_in_two_halves_are_told_apart()
    {
        using var output = new StringWriter();
        var terminal = Terminal.Plain(output, output);
        terminal.Line("half \ud800 tail \udc00");
        terminal.Out.Write('\ud83d');
        terminal.Out.Write('\ude00');
        terminal.Out.Write("\r");
        terminal.Out.Write("\n");
        Assert.Equal($"half \\ud800 tail \\udc00{Environment.NewLine}\U0001F600\r\n", output.ToString());
    }

    [Theory]
    [InlineData("plain")]
    [InlineData("Zoë naïve Ελλάδα Привет 日本語 한국어 العربية עברית हिन्दी ไทย 😀 ❤️ e\u0301")]
    [InlineData("السعر \u0601 12")]
    public void What_people_write_is_shown_as_it_is(string text) => Assert.Equal(text, Terminal.OneLine(text));

    [Fact]
    public async Task Watch_shows_nothing_that_a_terminal_obeys()
    {
        stub.Activity = _ => PipelineStub.Json(HostileDocuments.Of(TableDocuments.Activity()));
        stub.Answer("GET", "/api/status", 200, HostileDocuments.Of(TableDocuments.Status()));
        foreach (var make in new Func<TextWriter, TextWriter, Terminal>[] { Terminal.Plain, (output, error) => Terminal.Emulated(output, error, 160) })
        {
            using var stop = new CancellationTokenSource();
            using var output = new StringWriter();
            var asked = stub.Requests.Count;
            var running = CommandLine.RunAsync(["watch", "--every", "1", "--url", stub.Url.ToString()], make(output, output), TimeProvider.System, stop.Token);
            await Eventually.TrueAsync(() => running.IsCompleted || stub.Requests.Skip(asked).Count(request => request.StartsWith("GET /api/activity", StringComparison.Ordinal)) >= 3);
            await stop.CancelAsync();
            await running;
            Assert.Contains("u001b]0;owned", output.ToString(), StringComparison.Ordinal);
            Assert.Empty(HostileText.FoundIn(output.ToString()));
        }
    }
}
