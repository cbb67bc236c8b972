using Pipeline.Cli;
using Pipeline.Cli.Demo;
using Pipeline.Cli.Running;

namespace Pipeline.Tests.Cli;

/// <summary>What the tool prints to be run can be run as it is: by the name that it was called by, at the address that it was given.</summary>
public sealed class ToolNameTests
{
    private static readonly string Clone = Path.Combine(Path.GetTempPath(), "clone");
    private static readonly string Built = Path.Combine(Clone, "src", "Pipeline.Cli", "bin", "Debug", "net10.0") + Path.DirectorySeparatorChar;

    [Theory]
    [InlineData("Pipeline.Cli")]
    [InlineData("dotnet")]
    public void In_the_clone_it_is_the_script_beside_the_solution(string process)
    {
        Assert.Equal(Path.Combine(".", "pipeline"), Name(process, Built, Clone).ToString());
        Assert.Equal("dotnet run --project functions", Name(process, Built, Clone).Run(Path.Combine(Clone, "functions")));
        Assert.Equal(Path.Combine("..", "pipeline"), Name(process, Built, Path.Combine(Clone, "docs")).ToString());
        Assert.Equal(Path.Combine(Clone, "pipeline"), Name(process, Built, Path.Combine(Path.GetTempPath(), "a", "b", "c", "d", "e", "f", "g")).ToString());
    }

    [Fact]
    public void A_folder_with_a_space_is_quoted()
    {
        var clone = Path.Combine(Path.GetTempPath(), "my clone");
        var name = new ToolName("dotnet", Path.Combine(clone, "src", "Pipeline.Cli", "bin") + Path.DirectorySeparatorChar, Path.Combine(Path.GetTempPath(), "other", "a", "b", "c"), clone);
        Assert.Equal($"\"{Path.Combine(clone, "pipeline")}\"", name.ToString());
        Assert.Equal($"dotnet run --project \"{Path.Combine(clone, "functions")}\"", name.Run(Path.Combine(clone, "functions")));
    }

    [Fact]
    public void Installed_it_is_called_by_its_command()
    {
        var store = Path.Combine(Path.GetTempPath(), "home", ".dotnet", "tools");
        Assert.Equal("pipeline", Name(Path.Combine(store, "pipeline"), Path.Combine(store, ".store", "pipeline.cli") + Path.DirectorySeparatorChar, Clone).ToString());
        Assert.Equal("pipeline", Name(Path.Combine(Clone, "tools", "pipeline"), Path.Combine(Clone, "tools", ".store") + Path.DirectorySeparatorChar, Clone).ToString());
        Assert.Equal("dotnet pipeline", Name("dotnet", Path.Combine(Path.GetTempPath(), "home", ".nuget", "packages", "pipeline.cli") + Path.DirectorySeparatorChar, Clone).ToString());
        Assert.False(Name(Path.Combine(store, "pipeline"), store + Path.DirectorySeparatorChar, Clone).IsInClone);
        Assert.Equal("pipeline", new ToolName(Path.Combine(store, "pipeline"), store, Clone, null).ToString());
    }

    [Fact]
    public async Task Hints_name_the_address_that_was_given()
    {
        await using var stub = await PipelineStub.StartAsync();
        stub.OpenDeadLetters.Add(StubDocuments.DeadLetter("dl:1", "order-1", DateTimeOffset.UnixEpoch));
        var run = await CliRun.AgainstAsync(stub.Url, "status");
        Assert.Contains($"{Path.DirectorySeparatorChar}pipeline --url {stub.Url.AbsoluteUri.TrimEnd('/')} dead-letters groups", run.Output, StringComparison.Ordinal);
        Assert.Contains($"{Path.DirectorySeparatorChar}pipeline --url {stub.Url.AbsoluteUri.TrimEnd('/')} blocked", run.Output, StringComparison.Ordinal);
        Assert.Equal(0, (await CliRun.OfAsync("--url", stub.Url.ToString(), "dead-letters", "list")).ExitCode);
    }

    [Fact]
    public async Task Problem_texts_name_the_tool_as_it_was_called()
    {
        await using var stub = await PipelineStub.StartAsync();
        stub.Answer("GET", "/admin/servicebus/messages", 404, new System.Text.Json.Nodes.JsonObject
        {
            ["title"] = "Not found",
            ["detail"] = "There is no queue or subscription 'q'. 'pipeline local entities' and GET /admin/servicebus list them.",
        });
        var run = await CliRun.AgainstAsync(stub.Url, "local", "peek", "q");
        Assert.Contains($"{Path.DirectorySeparatorChar}pipeline --url {stub.Url.AbsoluteUri.TrimEnd('/')} local entities'", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void At_a_port_of_this_machine_the_demo_starts_a_pipeline_with_nothing_shared()
    {
        var app = new StartSettings(null, Clone);
        var start = DemoCommand.StartOf(app, new Uri("http://localhost:7099"), isUrlGiven: true);

        Assert.NotNull(start);
        Assert.Contains("--Local:HttpPort=7099", start.Arguments);
        Assert.Contains("--Local:BlobPort=0", start.Arguments);
        Assert.Contains(start.Arguments, argument => argument.StartsWith("--Local:DataDirectory=", StringComparison.Ordinal) && argument.EndsWith("port-7099", StringComparison.Ordinal));
        Assert.EndsWith("port-7099", start.LogDirectory, StringComparison.Ordinal);
        Assert.DoesNotContain(start.Arguments, argument => argument.Contains("Duplicate", StringComparison.Ordinal));
        Assert.Contains(Chaos.Start(app, new Uri("http://localhost:7099")).Arguments, argument => argument.Contains("Duplicate", StringComparison.Ordinal));
        Assert.Empty(DemoCommand.StartOf(app, CommandLine.DefaultUrl, isUrlGiven: false)!.Arguments);
    }

    [Theory]
    [InlineData("https://localhost:7099")]
    [InlineData("http://example.org:7099")]
    [InlineData("http://localhost:7099/app")]
    [InlineData("http://[::1]:7099")]
    public async Task Elsewhere_the_demo_needs_one_that_runs(string url)
    {
        Assert.Null(DemoCommand.StartOf(new StartSettings(null, Clone), new Uri(url), isUrlGiven: true));
        if (!new Uri(url).IsLoopback)
            return;
        var run = await CliRun.OfAsync("demo", "--exit", "--url", url.Replace("7099", "9", StringComparison.Ordinal));
        run.AssertFailsInOneLine(ExitCode.Failed);
        Assert.Contains("Nothing answers at", run.Error, StringComparison.Ordinal);
    }

    private static ToolName Name(string process, string folder, string current) => new(process, folder, current, Clone);
}
