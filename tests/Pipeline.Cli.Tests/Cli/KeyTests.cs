using Pipeline.Cli;

namespace Pipeline.Tests.Cli;

public sealed class KeyTests : IAsyncLifetime
{
    private const string Key = "k3y-Secret==";
    private PipelineStub stub = null!;

    public async Task InitializeAsync() => stub = await PipelineStub.StartAsync();

    public async Task DisposeAsync() => await stub.DisposeAsync();

    [Theory]
    [InlineData("status")]
    [InlineData("flow", "flow-1")]
    [InlineData("dead-letters", "list")]
    [InlineData("quarantine", "list")]
    [InlineData("demo", "--orders", "3", "--exit")]
    public async Task The_key_goes_with_every_request_and_into_no_output(params string[] args)
    {
        stub.Key = Key;
        var run = await RunAsync(null, [.. args, "--key", Key]);
        Assert.Equal("", run.Error);
        Assert.Equal(0, run.ExitCode);
        AssertSecret(run);
    }

    [Fact]
    public async Task The_environment_gives_the_key_unless_an_argument_does()
    {
        stub.Key = Key;
        Assert.Equal(0, (await RunAsync(Key + "\n", "status")).ExitCode);
        Assert.Equal(0, (await RunAsync("another", "status", "--key", Key)).ExitCode);
        Assert.Equal(1, (await RunAsync("another", "status")).ExitCode);
    }

    [Fact]
    public async Task A_missing_or_wrong_key_is_told_with_where_keys_are()
    {
        stub.Key = Key;
        var missing = await RunAsync(null, "status");
        var wrong = await RunAsync(null, "status", "--key", "wr0ng");

        missing.AssertFailsInOneLine(ExitCode.Failed);
        Assert.Contains("requires a function key (401 from GET", missing.Error, StringComparison.Ordinal);
        Assert.Contains("Local:Keys", missing.Error, StringComparison.Ordinal);
        Assert.Contains("az functionapp keys list", missing.Error, StringComparison.Ordinal);
        wrong.AssertFailsInOneLine(ExitCode.Failed);
        Assert.Contains("does not accept this key", wrong.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("wr0ng", wrong.Error + wrong.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Help_and_bad_usage_never_print_the_key()
    {
        AssertSecret(await RunAsync(Key, "--help"));
        AssertSecret(await RunAsync(Key, "watch", "--help"));
        var bad = await RunAsync(null, "status", "--key", Key + " " + Key);
        bad.AssertFailsInOneLine(ExitCode.BadUsage);
        AssertSecret(bad);
        var badEnvironment = await RunAsync(Key + "\u00e9", "status");
        badEnvironment.AssertFailsInOneLine(ExitCode.Failed);
        Assert.Contains("PIPELINE_KEY", badEnvironment.Error, StringComparison.Ordinal);
        AssertSecret(badEnvironment);
    }

    [Fact]
    public async Task The_key_does_not_follow_a_redirect()
    {
        await using var other = await PipelineStub.StartAsync();
        stub.Redirects["/api/status"] = other.Url + "api/status";
        var run = await RunAsync(null, "status", "--key", Key);

        run.AssertFailsInOneLine(ExitCode.Failed);
        Assert.Contains("redirects to " + other.Url, run.Error, StringComparison.Ordinal);
        Assert.Empty(other.Requests);
    }

    private static void AssertSecret(CliRun run) => Assert.DoesNotContain(Key, run.Output + run.Error, StringComparison.Ordinal);

    private async Task<CliRun> RunAsync(string? environmentKey, params string[] args)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var exitCode = await CommandLine.RunAsync(
            [.. args, "--url", stub.Url.ToString()], Terminal.Plain(output, error), TimeProvider.System, CancellationToken.None, environmentKey);
        return new CliRun(exitCode, output.ToString(), error.ToString());
    }
}
