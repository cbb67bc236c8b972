using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Pipeline.Tests.Deployment;

namespace Pipeline.Tests.Templates;

/// <summary>
/// What a team does that has never seen this repository: <c>dotnet new pipeline</c> outside of it, with packages only, then what
/// docs/guide/your-own-application.md and the README of the new application say. One test, because each step needs the one before.
/// </summary>
public sealed class TemplateTests : IDisposable
{
    private readonly OutsideApplication _app = new();

    public void Dispose() => _app.Dispose();

    [Fact]
    public async Task An_application_of_packages_alone_builds_without_warnings_grows_a_service_and_handles_what_its_demo_sends()
    {
        await _app.PackAsync();
        AssertPackages();

        // A name that cannot be a namespace as it is.
        await _app.CreateAsync("Acme.Billing-2", "com.acme");
        AssertNames();
        await AssertFeedAsync();
        await PipelineAsync("generate", "--check");

        Assert.Contains("Next:", await PipelineAsync("add", "service", "Deliveries", "--on", "invoice-issued"), StringComparison.Ordinal);

        // An event is approved when its limits are narrowed, not before.
        var added = await PipelineAsync("add", "event", "DeliveryPlanned", "invoiceId:text", "plannedFor:day", "--service", "deliveries");
        Assert.Contains("then: dotnet pipeline generate, which approves it", added, StringComparison.Ordinal);
        Assert.DoesNotContain("generated:", added, StringComparison.Ordinal);
        Assert.DoesNotContain("delivery-planned", Approved(), StringComparison.Ordinal);
        await WriteFilesOfPageAsync();
        await PipelineAsync("generate");
        AssertGenerated();
        Assert.Contains("delivery-planned", Approved(), StringComparison.Ordinal);
        await PipelineAsync("add", "consumer", "Announcement", "--on", "delivery-planned", "--service", "billing");
        await _app.RunAsync("dotnet", "build", "-warnaserror", "-v", "q", "-clp:NoSummary", "-m:1");
        Assert.Matches(Invariant($"Passed: +{Facts()},"), await RunAsync("dotnet", "test", "--no-build"));
        AssertInfrastructure(await _app.RunAsync(Path.Combine(_app.Folder, "infra-bicep", "check.sh")));

        var demo = await PipelineAsync("demo", "--exit", "--url", Invariant($"http://localhost:{FreePort()}"));
        Assert.DoesNotContain("Building the application", demo, StringComparison.Ordinal); // It is built.
        foreach (var line in new[] { "requests accepted\t100", "billing/delivery\t100", "billing/deliveries\t100", "deliveries/announcement\t100", "dead letters\t0", "not settled\t0" })
            Assert.Contains(line, demo, StringComparison.Ordinal);
    }

    private string Approved() => File.ReadAllText(Path.Combine(_app.Folder, "contracts", "approved.txt"));

    private void AssertPackages()
    {
        var packages = Directory.GetFiles(_app.Feed, "*.nupkg").Select(path => Path.GetFileName(path).Replace(".0.0.0-templatetest.nupkg", "", StringComparison.Ordinal)).ToList();
        foreach (var expected in new[] { "Pipeline", "Pipeline.Abstractions", "Pipeline.AzureFunctions", "Pipeline.Cli", "Pipeline.Contracts", "Pipeline.Local.Start", "Pipeline.Templates", "Pipeline.Testing" })
            Assert.Contains(expected, packages);
        Assert.All(packages, name => Assert.Matches("^Pipeline(\\.[A-Z][A-Za-z]+)*$", name));
        Assert.DoesNotContain(packages, name => (name.Contains("Test", StringComparison.Ordinal) && name != "Pipeline.Testing") || name.Contains("Sample", StringComparison.Ordinal) || (name.EndsWith("Functions", StringComparison.Ordinal) && name != "Pipeline.AzureFunctions"));
    }

    /// <summary>Nothing is left of the names that stand in the template for those of the application.</summary>
    private void AssertNames()
    {
        var files = Directory.GetFiles(_app.Folder, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.None });
        Assert.True(files.Length > 40, $"Only {files.Length} files.");
        foreach (var file in files)
        {
            foreach (var left in new[] { "Company.App", "com.prefix", "PIPELINE_VERSION", "THEIR_VERSIONS", "BICEP_VERSION", "FEED_OF_PACKAGES", "FEED_IN_XML", "contoso" })
                Assert.False(Path.GetFileName(file).Contains(left, StringComparison.Ordinal) || File.ReadAllText(file).Contains(left, StringComparison.Ordinal), $"{file} has '{left}'.");
        }

        // An application has neither the script nor the documentation of this repository.
        Assert.All(files, file => Assert.False(File.ReadAllText(file).Contains("./pipeline", StringComparison.Ordinal), file));
        Assert.All(files, file => Assert.False(File.ReadAllText(file).Contains("docs/", StringComparison.Ordinal), file));
        Assert.True(File.Exists(Path.Combine(_app.Folder, "Acme.Billing-2.slnx")));
        Assert.Contains("namespace Acme.Billing_2.Contracts;", File.ReadAllText(Path.Combine(_app.Folder, "contracts", "ContractCatalog.g.cs")), StringComparison.Ordinal);
    }

    private void AssertInfrastructure(string said)
    {
        Assert.Equal("", said.Trim()); // The compiler has nothing to say.
        foreach (var parameters in Directory.GetFiles(Path.Combine(_app.Folder, "infra-bicep"), "*.bicepparam"))
            Assert.DoesNotContain("carrier", File.ReadAllText(parameters), StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>The files of the page, instead of those that the commands wrote.</summary>
    private async Task WriteFilesOfPageAsync()
    {
        Assert.Equal(["contracts/Deliveries/DeliveryPlanned.cs", "services/Deliveries/DeliveriesState.cs", "tests/DeliveriesStateTests.cs"], OwnApplicationPage.Files.Keys);
        foreach (var (path, code) in OwnApplicationPage.Files)
        {
            Assert.True(File.Exists(Path.Combine(_app.Folder, path)), $"No command has written {path}.");
            await File.WriteAllTextAsync(Path.Combine(_app.Folder, path), OwnApplicationPage.For("Acme.Billing_2", "com.acme", code));
        }

        var query = Regex.Replace(await File.ReadAllTextAsync(Path.Combine(_app.Folder, "functions", "DeliveriesApi.cs")), "^    ", "", RegexOptions.Multiline);
        Assert.Contains(Assert.Single(OwnApplicationPage.Parts), query, StringComparison.Ordinal);
    }

    /// <summary>What the page says that was generated.</summary>
    private void AssertGenerated()
    {
        var functions = string.Concat(Directory.GetFiles(Path.Combine(_app.Folder, "functions"), "*.g.cs").Select(File.ReadAllText));
        foreach (var function in new[] { "billing-deliveries", "billing-deliveries-dead-letters", "relay-deliveries" })
        {
            Assert.Contains($"`{function}`", OwnApplicationPage.Text, StringComparison.Ordinal);
            Assert.Contains($"[Function(\"{function}\")]", functions, StringComparison.Ordinal);
        }
    }

    /// <summary>The feed is in the application, and in its README for those who clone it; without one there is no file for it.</summary>
    private async Task AssertFeedAsync()
    {
        Assert.Contains($"value=\"{_app.Feed}\"", await File.ReadAllTextAsync(Path.Combine(_app.Folder, "nuget.config")), StringComparison.Ordinal);
        Assert.Contains(_app.Feed, await File.ReadAllTextAsync(Path.Combine(_app.Folder, "README.md")), StringComparison.Ordinal);
        var without = await _app.RunAsync("dotnet", "new", "pipeline", "--name", "Other", "--dry-run");
        Assert.Contains("demo.json", without, StringComparison.Ordinal);
        Assert.DoesNotContain("nuget.config", without, StringComparison.Ordinal);
    }

    /// <summary>How many tests the application has.</summary>
    private int Facts() => Directory.GetFiles(Path.Combine(_app.Folder, "tests"), "*.cs").Sum(file => Regex.Count(File.ReadAllText(file), @"^ *\[Fact\]", RegexOptions.Multiline));

    private Task<string> PipelineAsync(params string[] arguments) => RunAsync("dotnet", ["pipeline", .. arguments]);

    /// <summary>Runs a command that the page and the README name, perhaps with fewer options.</summary>
    private Task<string> RunAsync(string program, params string[] arguments)
    {
        var named = $"{program} {string.Join(' ', arguments.TakeWhile(a => a is not ("--exit" or "--no-build")))}";
        Assert.Contains(named, OwnApplicationPage.Text, StringComparison.Ordinal);
        Assert.Contains(named, Repository.Text("src/Pipeline.Templates/content/pipeline/README.md"), StringComparison.Ordinal);
        return _app.RunAsync(program, arguments);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
