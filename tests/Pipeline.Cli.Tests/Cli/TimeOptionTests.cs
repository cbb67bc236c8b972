using System.Text.Json;
using Pipeline.Cli;

namespace Pipeline.Tests.Cli;

/// <summary>A time on the command line is never guessed, and how it was understood is told.</summary>
public sealed class TimeOptionTests
{
    [Theory]
    [InlineData("01/12/2026")]
    [InlineData("2026-12-01T10:00:00")]
    [InlineData("1 December 2026")]
    public async Task A_time_that_could_be_another_is_refused_before_anything_is_asked(string time)
    {
        foreach (var args in new string[][] { ["dead-letters", "list", "--from", time], ["dead-letters", "groups", "--to", time], ["replay", "plan", "--from", time] })
        {
            var run = await CliRun.OfAsync([.. args, "--url", "http://127.0.0.1:9"]);
            Assert.Equal(ExitCode.BadUsage, run.ExitCode);
            Assert.Contains("RFC 3339", run.Error, StringComparison.Ordinal);
            Assert.Contains($"'{time}'", run.Error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task How_a_time_was_understood_is_told_beside_the_output()
    {
        await using var stub = await PipelineStub.StartAsync();
        var list = await CliRun.AgainstAsync(stub.Url, "dead-letters", "list", "--from", "2026-12-01", "--to", "2026-12-02t01:00:00+01:00", "--json");
        Assert.Equal("Only dead letters created from 2026-12-01T00:00:00Z, and before 2026-12-02T00:00:00Z.", list.Error.TrimEnd());
        JsonDocument.Parse(list.Output).Dispose();
        Assert.Contains(stub.Requests, r => r.Contains("from=2026-12-01T00%3A00%3A00", StringComparison.Ordinal));
        var help = (await CliRun.OfAsync("replay", "plan", "--help")).Output.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        Assert.Contains("midnight in UTC", string.Join(' ', help), StringComparison.Ordinal);
    }
}
