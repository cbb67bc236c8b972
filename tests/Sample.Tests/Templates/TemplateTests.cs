using System.Net;
using System.Net.Sockets;

namespace Pipeline.Tests.Templates;

/// <summary>
/// What a team does that has never seen this repository: <c>dotnet new pipeline</c> outside of it, with packages only, then what the README of
/// the new application says. One test, because each step needs the one before.
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
        var readme = await File.ReadAllTextAsync(Path.Combine(_app.Folder, "README.md"));
        await PipelineAsync(readme, "generate", "--check");

        Assert.Contains("Next:", await PipelineAsync(readme, "add", "service", "Collection", "--on", "invoice-issued"), StringComparison.Ordinal);

        // An event is approved when its limits are narrowed, not before; and can be handled all the same.
        var added = await PipelineAsync(readme, "add", "event", "InvoicePaid", "invoiceId:text", "amountCents:int", "--service", "billing");
        Assert.Contains("then: dotnet pipeline generate, which approves it", added, StringComparison.Ordinal);
        Assert.DoesNotContain("generated:", added, StringComparison.Ordinal);
        Assert.DoesNotContain("invoice-paid", Approved(), StringComparison.Ordinal);
        await PipelineAsync(readme, "add", "consumer", "Receipt", "--on", "invoice-paid", "--service", "billing");
        await _app.RunAsync("dotnet", "build", "-warnaserror", "-v", "q", "-clp:NoSummary", "-m:1");
        Assert.Contains("invoice-paid", Approved(), StringComparison.Ordinal);
        Assert.Contains("Passed:     6", await RunAsync(readme, "dotnet", "test", "--no-build"), StringComparison.Ordinal);
        AssertInfrastructure(await _app.RunAsync(Path.Combine(_app.Folder, "infra-bicep", "check.sh")));

        var demo = await PipelineAsync(readme, "demo", "--exit", "--url", Invariant($"http://localhost:{FreePort()}"));
        Assert.DoesNotContain("Building the application", demo, StringComparison.Ordinal); // It is built.
        foreach (var line in new[] { "requests accepted\t100", "billing/delivery\t100", "billing/collection\t100", "dead letters\t0", "not settled\t0" })
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
            foreach (var left in new[] { "Company.App", "com.prefix", "PIPELINE_VERSION", "THEIR_VERSIONS", "BICEP_VERSION", "contoso" })
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

    private Task<string> PipelineAsync(string readme, params string[] arguments) => RunAsync(readme, "dotnet", ["pipeline", .. arguments]);

    /// <summary>Runs a command that the README names, perhaps with fewer options.</summary>
    private Task<string> RunAsync(string readme, string program, params string[] arguments)
    {
        var named = arguments.TakeWhile(a => a is not ("--exit" or "--no-build"));
        Assert.Contains($"{program} {string.Join(' ', named)}", readme, StringComparison.Ordinal);
        return _app.RunAsync(program, arguments);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
