using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using Pipeline.Contracts;

namespace Pipeline.Generation;

/// <summary>The assembly with the contracts of an application: the one that has the class <c>ContractCatalog</c>.</summary>
internal static class ContractsAssembly
{
    /// <summary>The name of the class, in any namespace.</summary>
    public const string Catalog = "ContractCatalog";

    private const string All = "All";

    /// <summary>Finds the assembly in the output of a build.</summary>
    /// <exception cref="GenerationException">There is none, or there are several.</exception>
    public static string FindIn(string folder) => Directory.GetFiles(folder, "*.dll").Where(IsOne).ToList() switch
    {
        [var only] => only,
        [] => throw new GenerationException(
            $"No assembly in '{folder}' has a class {Catalog}. The project of the contracts has to have one, and the services have to reference it."),
        var several => throw new GenerationException(
            $"Several assemblies in '{folder}' have a class {Catalog}: {string.Join(", ", several.Select(Path.GetFileName))}. An application has one."),
    };

    /// <summary>Reads the contracts of such an assembly.</summary>
    /// <exception cref="GenerationException">Its catalog has no contracts of this version of the library.</exception>
    public static IReadOnlyList<Contract> ContractsOf(Assembly assembly)
    {
        var catalog = assembly.GetTypes().Single(t => t.Name == Catalog && !t.IsNested);
        return catalog.GetProperty(All, BindingFlags.Static | BindingFlags.Public)?.GetValue(null) as IReadOnlyList<Contract>
            ?? throw new GenerationException(
                $"{CodeText.Plain(CodeText.NameOf(catalog))} has no static property '{All}' with the contracts: public static IReadOnlyList<Contract> {All} {{ get; }}");
    }

    /// <summary>Whether a file is such an assembly.</summary>
    public static bool IsOne(string path)
    {
        using var file = new PEReader(File.OpenRead(path));
        if (!file.HasMetadata)
            return false;
        var metadata = file.GetMetadataReader();
        return metadata.IsAssembly
            && metadata.AssemblyReferences.Any(r => metadata.StringComparer.Equals(metadata.GetAssemblyReference(r).Name, typeof(Contract).Assembly.GetName().Name!))
            && metadata.TypeDefinitions.Select(metadata.GetTypeDefinition).Any(t => !t.IsNested && metadata.StringComparer.Equals(t.Name, Catalog));
    }
}
