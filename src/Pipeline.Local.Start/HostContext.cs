using System.Reflection;
using System.Runtime.Loader;

namespace Pipeline.Local.Start;

/// <summary>The host's assemblies, from the folder of this one, apart from the app's: two versions of a package never meet.</summary>
internal sealed class HostContext() : AssemblyLoadContext("The embedded Functions host")
{
    /// <summary>Those of the frameworks that the app runs on, and packages of the same names that the app has in their place.</summary>
    private static readonly HashSet<string> _frameworks = FindFrameworks();

    private readonly AssemblyDependencyResolver _resolver = new(typeof(HostContext).Assembly.Location);

    /// <summary>The name of an assembly that host and app share; <see langword="null"/>: it is in none of the app's frameworks.</summary>
    public static string? Shared(string name) => _frameworks.TryGetValue(name, out var shared) ? shared : null;

    protected override Assembly? Load(AssemblyName assemblyName)
    {
        // A framework refers to its own assemblies, also where the host brings them along.
        if (assemblyName.Name is { } name && Shared(name) is not null)
            return null;
        return _resolver.ResolveAssemblyToPath(assemblyName) is { } path ? LoadFromAssemblyPath(path) : null;
    }

    protected override nint LoadUnmanagedDll(string unmanagedDllName) =>
        _resolver.ResolveUnmanagedDllToPath(unmanagedDllName) is { } path ? LoadUnmanagedDllFromPath(path) : 0;

    /// <summary>A framework is a folder Name/Version under "shared", beside that of the runtime itself.</summary>
    private static HashSet<string> FindFrameworks()
    {
        var shared = Path.GetDirectoryName(Path.GetDirectoryName(Path.GetDirectoryName(typeof(object).Assembly.Location)!)!)!;
        if (Path.GetFileName(shared) != "shared")
            return []; // An app that brings its frameworks along: nothing tells them from its packages.
        var given = ((string?)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        var folders = given.Where(path => path.StartsWith(shared + Path.DirectorySeparatorChar, StringComparison.OrdinalIgnoreCase)).Select(path => Path.GetDirectoryName(path)!).Distinct(StringComparer.Ordinal);
        return folders.SelectMany(folder => Directory.EnumerateFiles(folder, "*.dll")).Select(path => Path.GetFileNameWithoutExtension(path))
            .ToHashSet(StringComparer.OrdinalIgnoreCase);
    }
}
