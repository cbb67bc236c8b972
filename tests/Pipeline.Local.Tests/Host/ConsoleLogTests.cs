using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Pipeline.Local.Hosting;

namespace Pipeline.Tests.Hosting;

/// <summary>What a client sends cannot steer the terminal that shows the log, nor write a line of its own into it.</summary>
public sealed class ConsoleLogTests
{
    [Fact]
    public void A_value_is_shown_and_not_obeyed()
    {
        var text = Log($"{HostileText.Text} could not be served.", new InvalidOperationException("of " + HostileText.Text));

        Assert.Empty(HostileText.FoundIn(text));
        Assert.Contains("\\u001b]0;owned\\u0007", text, StringComparison.Ordinal);
        Assert.Contains("\\u202e", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\n")]
    [InlineData("\r\n")]
    [InlineData("\r")]
    [InlineData("\u0085")]
    [InlineData("\u2028")]
    public void A_value_with_a_line_break_makes_no_line_of_the_log(string lineBreak)
    {
        var lines = Log($"path{lineBreak}12:00:00 error: forged", new InvalidOperationException($"why{lineBreak}12:00:00 error: forged too")).Split('\n', StringSplitOptions.RemoveEmptyEntries);

        Assert.Matches("^[0-9:]{8} error: path", lines[0]);
        Assert.All(lines[1..], line => Assert.StartsWith("         ", line, StringComparison.Ordinal));
    }

    private static string Log(string message, Exception exception)
    {
        using var writer = new StringWriter();
        var entry = new LogEntry<string>(LogLevel.Error, "category", default, message, exception, (state, _) => state);
        new HostConsole.LineFormatter().Write(entry, null, writer);
        return writer.ToString();
    }
}
