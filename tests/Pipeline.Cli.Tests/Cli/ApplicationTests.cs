using Pipeline.Cli;
using Pipeline.Cli.Applications;
using Pipeline.Contracts;
using Pipeline.Generation;
using Pipeline.Tests.Deployment;

namespace Pipeline.Tests.Cli;

/// <summary>The tool finds the application that it is run in, reads its contracts and its demo, and knows nothing of any other.</summary>
public sealed class ApplicationTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("application-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void An_application_is_found_from_any_folder_in_it()
    {
        var app = MakeApplication();
        var below = Directory.CreateDirectory(Path.Combine(app, "services", "Billing")).FullName;
        Assert.Equal(app, Workspace.Find(app)!.Root);
        Assert.Equal(app, Workspace.Find(below)!.Root);
        Assert.Equal("contracts.csproj", Path.GetFileName(Workspace.Find(below)!.ProjectOf("contracts")));
    }

    [Theory]
    [InlineData("topology.settings.json")]
    [InlineData("contracts/contracts.csproj")]
    [InlineData("services/services.csproj")]
    [InlineData("functions/functions.csproj")]
    public void A_folder_that_lacks_a_part_is_no_application(string part)
    {
        var app = MakeApplication();
        File.Delete(Path.Combine(app, part));
        Assert.Null(Workspace.Find(app));
    }

    [Fact]
    public void An_application_is_the_sample_only_if_its_demo_says_so()
    {
        var app = MakeApplication();
        Assert.False(Application.Find(app)!.IsSample);
        File.WriteAllText(Path.Combine(app, DemoFile.Name), """{ "requests": [{ "method": "POST", "path": "api/x" }] }""");
        Assert.False(Application.Find(app)!.IsSample);
        File.WriteAllText(Path.Combine(app, DemoFile.Name), "{");
        Assert.False(Application.Find(app)!.IsSample);
    }

    [Fact]
    public void Requests_have_defaults_and_placeholders()
    {
        var app = MakeApplication();
        File.WriteAllText(
            Path.Combine(app, DemoFile.Name),
            """
            {
              // One of each.
              "requests": [
                { "method": "PUT", "path": "/api/notes/{id}", "body": { "title": "no. {n} of {id}", "pages": 3 }, "count": 20, "perSecond": 50 },
                { "method": "DELETE", "path": "api/notes" },
              ]
            }
            """);
        var requests = DemoFile.RequestsOf(app);
        Assert.Equal(("api/notes/demo-1", """{ "title": "no. 7 of demo-1", "pages": 3 }"""), (requests[0].PathOf(7, "demo-1"), requests[0].BodyOf(7, "demo-1")));
        Assert.Equal((20, 50d), (requests[0].Count, requests[0].PerSecond));
        Assert.Equal((1, null, null), (requests[1].Count, requests[1].PerSecond, requests[1].BodyOf(1, "demo-2")));
    }

    [Theory]
    [InlineData("[]", "$:")]
    [InlineData("{}", "$.requests: is missing or empty")]
    [InlineData("""{ "demo": "other" }""", "$.demo: is 'other'")]
    [InlineData("""{ "request": [] }""", "request")]
    [InlineData("""{ "requests": [{ "method": "POST" }] }""", "path")]
    [InlineData("""{ "requests": [{ "method": "POST", "path": "api/x", "count": "many" }] }""", "$.requests[0].count")]
    [InlineData("""{ "requests": [{ "method": "post", "path": "api/x" }] }""", "$.requests[0].method: is 'post', not one of POST, PUT, PATCH, DELETE")]
    [InlineData("""{ "requests": [{ "method": "POST", "path": "/" }] }""", "$.requests[0].path: is '/'")]
    [InlineData("""{ "requests": [{ "method": "POST", "path": "http://elsewhere.example/x" }] }""", "$.requests[0].path")]
    [InlineData("""{ "requests": [{ "method": "POST", "path": "api/x", "count": 0 }] }""", "$.requests[0].count: is not 1 or more")]
    [InlineData("""{ "requests": [{ "method": "POST", "path": "api/x", "perSecond": 0 }] }""", "$.requests[0].perSecond")]
    [InlineData("""{ "requests": [{ "method": "POST", "path": "api/x", "count": 6000 }, { "method": "PUT", "path": "api/x", "count": 6000 }] }""", "more than 10000 in all")]
    public void A_demo_that_cannot_be_used_is_told_with_its_place(string text, string place)
    {
        var app = MakeApplication();
        File.WriteAllText(Path.Combine(app, DemoFile.Name), text);
        var wrong = Assert.Throws<CliFailure>(() => DemoFile.RequestsOf(app)).Message;
        Assert.StartsWith(Path.Combine(app, DemoFile.Name), wrong, StringComparison.Ordinal);
        Assert.Contains(place, wrong, StringComparison.Ordinal);
        Assert.DoesNotContain("System.", wrong, StringComparison.Ordinal);
    }

    [Fact]
    public void An_application_without_a_demo_is_told_what_to_write() =>
        Assert.Contains("\"requests\":", Assert.Throws<CliFailure>(() => DemoFile.RequestsOf(MakeApplication())).Message, StringComparison.Ordinal);

    /// <summary>The tool's own contracts are those of nobody: none of its assemblies has any.</summary>
    [Fact]
    public void The_tool_references_no_application()
    {
        foreach (var type in new[] { typeof(CommandLine), typeof(Workspace), typeof(Contract) })
            Assert.DoesNotContain(type.Assembly.GetReferencedAssemblies(), a => a.Name!.Contains("Sample", StringComparison.Ordinal) || a.Name is "Pipeline.Services" or "Pipeline.Functions");
    }

    [Theory]
    [InlineData("no-such.dll", "There is no file 'no-such.dll'")]
    [InlineData("no-such-folder", "There is no project in")]
    public async Task Contracts_that_are_not_there_are_told(string project, string told)
    {
        var run = await CliRun.OfAsync("contracts", "list", "--project", project);
        run.AssertFailsInOneLine(ExitCode.Failed);
        Assert.Contains(told, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void An_output_without_contracts_is_told()
    {
        var wrong = Assert.Throws<GenerationException>(() => ContractsAssembly.FindIn(_folder));
        Assert.Contains("has a class ContractCatalog", wrong.Message, StringComparison.Ordinal);
        Assert.False(ContractsAssembly.IsOne(typeof(Contract).Assembly.Location));
        Assert.False(ContractsAssembly.IsOne(typeof(ApplicationTests).Assembly.Location));
    }

    private string MakeApplication()
    {
        File.WriteAllText(Path.Combine(_folder, "topology.settings.json"), "{}");
        foreach (var project in new[] { "contracts", "services", "functions" })
        {
            Directory.CreateDirectory(Path.Combine(_folder, project));
            File.WriteAllText(Path.Combine(_folder, project, project + ".csproj"), """<Project Sdk="Microsoft.NET.Sdk" />""");
        }

        return _folder;
    }
}
