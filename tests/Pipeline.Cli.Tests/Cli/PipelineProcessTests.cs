using Pipeline.Cli;
using Pipeline.Cli.Demo;
using Pipeline.Cli.Running;

namespace Pipeline.Tests.Cli;

public sealed class PipelineProcessTests : IDisposable
{
    private readonly string folder = Path.Combine(Path.GetTempPath(), "cli-" + Guid.NewGuid().ToString("N"));

    // Any program serves that ends soon, or stays: the tool itself does both.
    private readonly string tool = typeof(CommandLine).Assembly.Location;

    public PipelineProcessTests() => Directory.CreateDirectory(folder);

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task A_pipeline_that_ends_early_shows_its_last_lines()
    {
        var (failure, error) = await RunAsync(tool);

        Assert.Contains("  |   dead-letters", error, StringComparison.Ordinal);
        Assert.Contains("The pipeline has ended by itself (exit code 0).", failure, StringComparison.Ordinal);
        var log = await File.ReadAllTextAsync(Path.Combine(folder, ".pipeline", "functions.log"));
        Assert.Contains("Usage:", log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_functions_app_that_was_not_built_is_told()
    {
        var (failure, _) = await RunAsync(Path.Combine(folder, "missing.dll"));

        Assert.Contains("missing.dll is missing. Run 'dotnet build'", failure, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_started_process_is_asked_to_end_when_it_is_disposed()
    {
        if (OperatingSystem.IsWindows())
            return;

        var script = Path.Combine(folder, "stay.sh");
        await File.WriteAllTextAsync(script, "trap 'echo asked to end; exit 0' TERM\necho up\nwhile :; do sleep 0.1; done\n");
        await using (var process = PipelineProcess.Start(new StartSettings(script, folder) { Host = "sh" }))
        {
            await Eventually.TrueAsync(() => process.LastLines().Count > 0);
            Assert.False(process.Ended.IsCompleted);
        }

        var log = await File.ReadAllTextAsync(Path.Combine(folder, ".pipeline", "functions.log"));
        Assert.Equal("up\nasked to end\n", log);
    }

    [Fact]
    public async Task A_host_that_is_missing_is_told()
    {
        var failure = await Assert.ThrowsAsync<CliFailure>(() => Task.FromResult(
            PipelineProcess.Start(new StartSettings(tool, folder) { Host = Path.Combine(folder, "no-such-host") })));

        Assert.Contains("did not run", failure.Message, StringComparison.Ordinal);
    }

    private async Task<(string Failure, string Error)> RunAsync(string dll)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var settings = new DemoSettings
        {
            // Port 9 (discard) is closed wherever tests run.
            Url = new Uri("http://127.0.0.1:9"),
            Orders = 1,
            RunId = "run",
            Start = new StartSettings(dll, folder),
        };
        var failure = await Assert.ThrowsAsync<CliFailure>(
            () => new DemoRun(settings, Terminal.Plain(output, error), TimeProvider.System).RunAsync(CancellationToken.None));
        return (failure.Message, error.ToString());
    }
}
