using Pipeline.Cli;

namespace Pipeline.Tests.Cli;

/// <summary>One run of the tool, in this process, with captured streams.</summary>
internal sealed record CliRun(int ExitCode, string Output, string Error)
{
    public static async Task<CliRun> OfAsync(params string[] args)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var exitCode = await CommandLine.RunAsync(args, Terminal.Plain(output, error), TimeProvider.System, CancellationToken.None);
        return new CliRun(exitCode, output.ToString(), error.ToString());
    }

    public static Task<CliRun> AgainstAsync(Uri url, params string[] args) => OfAsync([.. args, "--url", url.ToString()]);

    /// <summary>A failure is one line, prefixed with the tool's name, and no stack trace.</summary>
    public void AssertFailsInOneLine(int exitCode)
    {
        Assert.Equal(exitCode, ExitCode);
        var line = Assert.Single(Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.StartsWith("pipeline: ", line, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", Output + Error, StringComparison.Ordinal);
    }
}
