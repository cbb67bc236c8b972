using System.Text.RegularExpressions;
using Pipeline.Cli;

namespace Pipeline.Tests.Cli;

/// <summary>Tables in terminals of 80, 120 and 160 columns: ids, numbers and times stay whole. In pipes: a line a row, a tab between cells.</summary>
public sealed partial class TableTests : IAsyncLifetime
{
    private PipelineStub stub = null!;

    public async Task InitializeAsync()
    {
        stub = await PipelineStub.StartAsync();
        TableDocuments.PlayOn(stub, document => document);
    }

    public async Task DisposeAsync() => await stub.DisposeAsync();

    public static TheoryData<string, string> Commands() => TableDocuments.Commands();

    [Theory]
    [MemberData(nameof(Commands))]
    public async Task Ids_numbers_and_times_are_whole_at_any_width(string command, string whole)
    {
        foreach (var width in new[] { 80, 120, 160 })
        {
            var run = await HostileDocuments.InTerminalAsync(stub, width, command.Split(' '));
            var shown = Drawing().Replace(run.Output, "");

            Assert.Equal("", run.Error);
            Assert.All(whole.Split('|'), word => Assert.Contains(word, shown, StringComparison.Ordinal));

            // A command that is there to be copied may be longer; the terminal breaks it, and copies it whole.
            Assert.All(Lines(shown).Where(line => !line.Contains(Wording.Tool, StringComparison.Ordinal)), line => Assert.True(line.Length <= width, Invariant($"{width}: {line}")));
        }
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public async Task A_word_is_in_a_line_of_80_columns_as_it_is_in_one_of_160(string command, string whole)
    {
        var words = Words((await HostileDocuments.InTerminalAsync(stub, 160, command.Split(' '))).Output);
        Assert.Equal(words, Words((await HostileDocuments.InTerminalAsync(stub, 80, command.Split(' '))).Output));
        Assert.Contains(whole.Split('|')[0].Split(' ')[0], words);
    }

    [Theory]
    [InlineData("dead-letters groups", 6)]
    [InlineData("dead-letters list", 12)]
    [InlineData("blocked", 6)]
    [InlineData("quarantine list", 8)]
    [InlineData("replay list", 9)]
    [InlineData("local peek q", 8)]
    [InlineData("contracts list", 7)]
    public async Task In_a_pipe_a_row_is_a_line_with_tabs_that_is_neither_padded_nor_cut(string command, int columns)
    {
        var rows = Lines((await CliRun.AgainstAsync(stub.Url, command.Split(' '))).Output).Where(line => line.Contains('\t', StringComparison.Ordinal)).ToList();

        Assert.True(rows.Count >= 2);
        Assert.All(rows, row => Assert.Equal(columns, row.Split('\t').Length));
        Assert.All(rows.SelectMany(row => row.Split('\t')), cell => Assert.Equal(cell.Trim(), cell));
    }

    [Fact]
    public async Task A_pipe_gets_a_cause_of_any_length_whole()
    {
        var run = await CliRun.AgainstAsync(stub.Url, "dead-letters", "groups");
        Assert.Contains(string.Join(' ', Enumerable.Repeat("The carrier refuses this article for a while.", 4)), run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(80)]
    [InlineData(120)]
    public async Task Watch_breaks_nothing(int width)
    {
        using var stop = new CancellationTokenSource();
        using var output = new StringWriter();
        using var error = new StringWriter();
        var looks = 0;
        stub.Activity = _ =>
        {
            Interlocked.Increment(ref looks);
            return PipelineStub.Json(TableDocuments.Activity());
        };
        var running = CommandLine.RunAsync(
            ["watch", "--every", "1", "--url", stub.Url.ToString()], Terminal.Emulated(output, error, width), TimeProvider.System, stop.Token);
        await Eventually.TrueAsync(() => running.IsCompleted || Volatile.Read(ref looks) >= 3);
        await stop.CancelAsync();
        Assert.Equal(0, await running);
        var shown = Drawing().Replace(output.ToString(), "");
        Assert.All(
            new[] { "reservations-of-articles/inventory", "1,000,000.0", "119.9 s", "118.3 min", "1,234,567", "78.5 min" },
            word => Assert.Contains(word, shown, StringComparison.Ordinal));
        Assert.All(Lines(shown), line => Assert.True(line.Split('\r')[^1].Length <= width, line));
    }

    [Fact]
    public void A_command_is_never_broken_to_be_copied_whole()
    {
        var command = $"{Wording.Tool} replay {new string('x', 90)} --wait";
        Assert.Equal(
            ["When its cause is gone:", "  " + command],
            WordWrap.Lines($"When its cause is gone: {command}", 80, hanging: 2));
        Assert.Equal(
            ["See", $"'{Wording.Tool} dead-letters list'", "and", $"'{Wording.Tool} quarantine list'."],
            WordWrap.Lines($"See '{Wording.Tool} dead-letters list' and '{Wording.Tool} quarantine list'.", 20));
    }

    [Fact]
    public void Numbers_keep_their_units_and_days_their_times()
    {
        Assert.Equal(
            ["waits for", "61.1 s,", "since", "2026-01-31 12:00:00.123Z", "or 5", "subjects"],
            WordWrap.Lines("waits for 61.1 s, since 2026-01-31 12:00:00.123Z or 5 subjects", 9));
    }

    [Fact]
    public async Task Styles_stay_with_their_words()
    {
        var red = await HostileDocuments.InTerminalAsync(stub, 40, "dead-letters", "list");
        Assert.Matches("\u001b\\[[0-9;]*m *HandlerFailed *\u001b\\[0m", red.Output);
    }

    private static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Each word that is shown; ages change between two runs.</summary>
    private static SortedSet<string> Words(string output) =>
        new(Drawing().Replace(output, "").Split([' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries), StringComparer.Ordinal);

    [GeneratedRegex("\u001b\\[[0-9;?]*[a-zA-Z]")]
    private static partial Regex Drawing();
}
