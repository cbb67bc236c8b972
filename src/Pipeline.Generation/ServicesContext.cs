using System.Reflection;
using System.Runtime.Loader;

namespace Pipeline.Generation;

/// <summary>
/// The assemblies of services that were built, apart from those of the tool. Read as bytes, so that they can be built again meanwhile.
/// </summary>
internal sealed class ServicesContext(string folder) : AssemblyLoadContext("services", isCollectible: true)
{
    /// <summary>Runs a method of <see cref="LoadedServices"/> in here.</summary>
    /// <exception cref="GenerationException">What it threw because of the definitions.</exception>
    public string?[] Run(string method, string servicesDll, params object[] arguments)
    {
        var contracts = Path.GetFileNameWithoutExtension(ContractsAssembly.FindIn(folder));
        var here = Read(typeof(LoadedServices).Assembly.Location).GetType(typeof(LoadedServices).FullName!)!;
        try
        {
            var called = here.GetMethod(method, BindingFlags.Static | BindingFlags.Public)!;
            return (string?[])called.Invoke(null, [Named(Path.GetFileNameWithoutExtension(servicesDll)), Named(contracts), .. arguments])!;
        }
        catch (TargetInvocationException thrown)
        {
            var cause = thrown.InnerException!;
            while (cause is TypeInitializationException or TargetInvocationException && cause.InnerException is { } inner)
                cause = inner;
            if (cause.GetType().Name == nameof(GenerationException))
                throw new GenerationException(cause.Message);

            // What definitions refuse on purpose says by itself what to change.
            throw new GenerationException(cause is ArgumentException or InvalidOperationException or NotSupportedException
                ? $"A definition cannot be used: {cause.Message}"
                : $"The definitions could not be read. Correct them, or report this as a bug of the tool. {cause.GetType()}: {cause.Message}{Place(cause)}");
        }
    }

    /// <inheritdoc/>
    protected override Assembly? Load(AssemblyName assemblyName)
    {
        var path = Path.Combine(folder, assemblyName.Name + ".dll");
        return File.Exists(path) ? Read(path) : null;
    }

    /// <summary>Where it was thrown, in one line as all failures of the tool.</summary>
    private static string Place(Exception cause) => cause.StackTrace is { } stack ? $" ({stack.Split('\n')[0].Trim()})" : "";

    private Assembly Named(string name) => LoadFromAssemblyName(new AssemblyName(name));

    private Assembly Read(string path)
    {
        using var bytes = new MemoryStream(File.ReadAllBytes(path));
        return LoadFromStream(bytes);
    }
}
