using System.Reflection;
using System.Runtime.Loader;
using Pipeline.Contracts;

namespace Pipeline.Cli.Applications;

/// <summary>
/// The assembly of an application's contracts, with what it needs from its own folder, except for the library of the contracts: that is the
/// tool's, so that the tool can use what it reads. Read as bytes, so that it can be built again meanwhile.
/// </summary>
internal sealed class ContractsContext(string folder) : AssemblyLoadContext("contracts")
{
    private static readonly Assembly Library = typeof(Contract).Assembly;

    private static readonly HashSet<string> Shared = [.. Library.GetReferencedAssemblies().Append(Library.GetName()).Select(name => name.Name!)];

    /// <summary>Loads the assembly.</summary>
    /// <exception cref="CliFailure">It was built with a newer library than this tool has.</exception>
    public Assembly Load(string path)
    {
        var contracts = LoadFromAssemblyName(new AssemblyName(Path.GetFileNameWithoutExtension(path)));
        var built = contracts.GetReferencedAssemblies().First(name => name.Name == Library.GetName().Name).Version;
        return built <= Library.GetName().Version ? contracts : throw new CliFailure(
            $"'{path}' was built with {Library.GetName().Name} {built}, and this tool has {Library.GetName().Version}. Update the tool: dotnet tool update Pipeline.Cli");
    }

    /// <inheritdoc/>
    protected override Assembly? Load(AssemblyName assemblyName)
    {
        var path = Path.Combine(folder, assemblyName.Name + ".dll");
        if (Shared.Contains(assemblyName.Name!) || !File.Exists(path))
            return null;
        using var bytes = new MemoryStream(File.ReadAllBytes(path));
        return LoadFromStream(bytes);
    }
}
