using System.Reflection;
using System.Runtime.InteropServices;

namespace Pipeline.Tests.Deployment;

/// <summary>A copy of <c>infra-bicep</c> and topology.json, and the Bicep compiler that the build restores, which needs no network.</summary>
internal sealed class BicepFolder : IDisposable
{
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("bicep-");

    public BicepFolder()
    {
        foreach (var name in Directory.EnumerateFiles(Repository.PathOf("infra-bicep"), "*", SearchOption.AllDirectories).Append(Repository.PathOf("topology.json")))
        {
            var copy = Path.Combine(_root.FullName, Path.GetRelativePath(Repository.Root, name));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(name, copy);
        }
    }

    /// <summary>The compiler: that of the package, or the one that the build was told of.</summary>
    public static string Compiler =>
        typeof(BicepFolder).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "Bicep").Value is { Length: > 0 } path
            ? Path.GetFullPath(path.Replace('\\', Path.DirectorySeparatorChar))
            : throw new InvalidOperationException($"No Bicep compiler is restored for {RuntimeInformation.RuntimeIdentifier}. Install it and build the tests with -p:BicepPath=PATH.");

    /// <summary>Where the copy of a file is; its name is relative to <c>infra-bicep</c>.</summary>
    public string PathOf(string name) => Path.GetFullPath(Path.Combine(_root.FullName, "infra-bicep", name));

    public void Write(string name, string text) => File.WriteAllText(PathOf(name), text);

    public string Read(string name) => File.ReadAllText(PathOf(name));

    /// <summary>Runs the compiler and returns all that it says. Of the variables that parameter files read, it sees those given only.</summary>
    public Task<(int Code, string Said)> RunAsync(IReadOnlyList<string> arguments, params (string Name, string Value)[] environment)
    {
        var variables = BicepSources.Variables.ToDictionary(name => name, _ => (string?)null);
        foreach (var (name, value) in environment)
            variables[name] = value;
        return Programs.RunAsync(Compiler, arguments, PathOf("."), variables);
    }

    /// <summary>Runs the compiler, which has to say nothing: a warning is as bad as an error.</summary>
    public async Task CompileAsync(IReadOnlyList<string> arguments, params (string Name, string Value)[] environment)
    {
        var (code, said) = await RunAsync(arguments, environment);
        Assert.True(code == 0 && said.Length == 0, $"'bicep {string.Join(' ', arguments)}' says:\n{said}");
    }

    /// <summary>What a deployment with a parameter file would make.</summary>
    public async Task<Snapshot> SnapshotAsync(string parameters, params (string Name, string Value)[] environment)
    {
        // Stage 1 is of the subscription, stage 2 of the resource group.
        string[] scope = parameters == "subscriptions.bicepparam" ? ["--resource-group", "rg"] : ["--location", "westeurope"];
        await CompileAsync(["snapshot", parameters, "--subscription-id", Guid.Empty.ToString(), .. scope], environment);
        return Snapshot.Parse(Read(Path.ChangeExtension(parameters, ".snapshot.json")));
    }

    public void Dispose() => _root.Delete(recursive: true);
}
