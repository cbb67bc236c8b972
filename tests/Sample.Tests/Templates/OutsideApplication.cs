using System.Diagnostics;
using System.Reflection;
using System.Text;
using System.Xml.Linq;
using Pipeline.Tests.Deployment;

namespace Pipeline.Tests.Templates;

/// <summary>
/// A folder outside of this repository, as a team has one that has never seen it: with the packages of this build as a feed, what others made
/// from where this machine has it, and a home and a cache of its own, so that nothing of an earlier build gets in.
/// </summary>
internal sealed class OutsideApplication : IDisposable
{
    /// <summary>A version that nothing else has.</summary>
    private const string Version = "0.0.0-templatetest";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(8);

    private readonly string _root = Directory.CreateTempSubdirectory("pipeline-outside-").FullName;

    /// <summary>Gets the packages.</summary>
    public string Feed => Path.Combine(_root, "feed");

    /// <summary>Gets where the application is made.</summary>
    public string Folder { get; private set; } = "";

    public void Dispose() => Directory.Delete(_root, recursive: true);

    /// <summary>Packs all that is built, without building it.</summary>
    public async Task PackAsync()
    {
        var configuration = typeof(OutsideApplication).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "Configuration").Value!;
        await RunInAsync(
            Repository.Root, "dotnet", "pack", "Packages.slnf", "--no-build", "-c", configuration, "-o", Feed, "-p:MinVerSkip=true", $"-p:PackageVersion={Version}", "-v", "q", "-clp:NoSummary");

        // What others made is taken from where this machine has it already.
        var config = new XElement(
            "configuration",
            new XElement("fallbackPackageFolders", new XElement("add", new XAttribute("key", "machine"), new XAttribute("value", await PackagesOfMachineAsync()))));
        await File.WriteAllTextAsync(Path.Combine(_root, "nuget.config"), config.ToString());
    }

    /// <summary>Makes the application, which takes the packages from their feed.</summary>
    public async Task CreateAsync(string name, string prefix)
    {
        await RunInAsync(_root, "dotnet", "new", "install", Path.Combine(Feed, $"Pipeline.Templates.{Version}.nupkg"));
        await RunInAsync(_root, "dotnet", "new", "pipeline", "--name", name, "--prefix", prefix, "--feed", Feed);
        Folder = Path.Combine(_root, name);
        await RunAsync("dotnet", "tool", "restore");
    }

    /// <summary>Runs a program in the application's folder.</summary>
    /// <returns>What it wrote.</returns>
    public Task<string> RunAsync(string program, params string[] arguments) => RunInAsync(Folder, program, arguments);

    private async Task<string> RunInAsync(string folder, string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };

        // Those of the test run are of another build.
        foreach (var name in start.Environment.Keys.Where(k => k.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase) || k.StartsWith("VSTEST", StringComparison.OrdinalIgnoreCase)).ToList())
            start.Environment.Remove(name);
        if (folder != Repository.Root)
        {
            start.Environment["NUGET_PACKAGES"] = Path.Combine(_root, "packages");
            start.Environment["DOTNET_CLI_HOME"] = Path.Combine(_root, "home");
        }

        start.Environment["DOTNET_NOLOGO"] = "1";
        start.Environment["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1";
        start.Environment["DOTNET_GENERATE_ASPNET_CERTIFICATE"] = "false";
        start.Environment["DOTNET_CLI_UI_LANGUAGE"] = "en";
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment["BICEP"] = typeof(OutsideApplication).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "Bicep").Value ?? "";
        var output = new StringBuilder();
        using var process = Process.Start(start)!;
        process.OutputDataReceived += (_, line) => Append(output, line.Data);
        process.ErrorDataReceived += (_, line) => Append(output, line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        using var timeout = new CancellationTokenSource(Patience);
        try
        {
            await process.WaitForExitAsync(timeout.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
        }

        var text = Text(output);
        Assert.True(!timeout.IsCancellationRequested && process.ExitCode == 0, $"{program} {string.Join(' ', arguments)} failed:\n{text}");
        return text;
    }

    private static void Append(StringBuilder output, string? line)
    {
        lock (output)
            output.Append(line).Append('\n');
    }

    private static string Text(StringBuilder output)
    {
        lock (output)
            return output.ToString();
    }

    private async Task<string> PackagesOfMachineAsync()
    {
        const string Label = "global-packages:";
        var said = await RunInAsync(Repository.Root, "dotnet", "nuget", "locals", "global-packages", "--list");
        return said[(said.IndexOf(Label, StringComparison.Ordinal) + Label.Length)..].Trim();
    }
}
