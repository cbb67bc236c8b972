using System.Text.Json;
using System.Text.Json.Serialization;
using Pipeline.Tests.Interop;

namespace Pipeline.Tests.Deployment;

/// <summary>What the Bicep files declare and use, read by tree-sitter: there is no Bicep compiler among the packages.</summary>
internal static class BicepFiles
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { RespectNullableAnnotations = true, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow };
    private static readonly Lazy<Task<IReadOnlyDictionary<string, BicepFile>>> Read = new(ReadAllAsync);

    /// <summary>All files, by their path under <c>infra-bicep</c>, with slashes.</summary>
    public static Task<IReadOnlyDictionary<string, BicepFile>> AllAsync() => Read.Value;

    /// <summary>Every declaration of a resource, with its file.</summary>
    public static async Task<IReadOnlyList<(string File, BicepResource Resource)>> ResourcesAsync() =>
        [.. (await AllAsync()).SelectMany(f => f.Value.Resources.Select(r => (f.Key, r)))];

    /// <summary>The text of one file.</summary>
    public static string Text(string name) => Repository.Text(Path.Combine("infra-bicep", name));

    /// <summary>What it says of some Bicep text that is in no file.</summary>
    public static async Task<BicepFile> ReadAsync(string text)
    {
        var folder = Directory.CreateTempSubdirectory("bicep-");
        try
        {
            var path = Path.Combine(folder.FullName, "text.bicep");
            await File.WriteAllTextAsync(path, text);
            return (await ReadAsync([path])).Single().Value;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<IReadOnlyDictionary<string, BicepFile>> ReadAllAsync()
    {
        var root = Repository.PathOf("infra-bicep");
        var read = await ReadAsync(Directory.GetFiles(root, "*.bicep", SearchOption.AllDirectories));
        return read.ToDictionary(f => Path.GetRelativePath(root, f.Key).Replace('\\', '/'), f => f.Value, StringComparer.Ordinal);
    }

    private static async Task<Dictionary<string, BicepFile>> ReadAsync(IReadOnlyList<string> paths) =>
        JsonSerializer.Deserialize<Dictionary<string, BicepFile>>(await NodePackage.RunAsync("read-bicep.mjs", paths, folder: "Deployment"), Json)!;
}

/// <summary>One Bicep file.</summary>
/// <param name="Errors">What the parser cannot read.</param>
/// <param name="Params">Parameters, each with whether it has a default.</param>
/// <param name="Undeclared">Names that are used and nowhere declared.</param>
/// <param name="Unused">Parameters and variables that nothing uses.</param>
/// <param name="Calls">Functions that are called.</param>
internal sealed record BicepFile(
    IReadOnlyList<string> Errors,
    IReadOnlyDictionary<string, bool> Params,
    IReadOnlyList<string> Vars,
    IReadOnlyList<string> Outputs,
    IReadOnlyList<BicepResource> Resources,
    IReadOnlyList<BicepModule> Modules,
    IReadOnlyList<string> Undeclared,
    IReadOnlyList<string> Unused,
    IReadOnlyList<BicepModuleOutput> ModuleOutputs,
    IReadOnlyList<string> Calls);

internal sealed record BicepResource(string Name, string Type, bool Existing, string Text);

internal sealed record BicepModule(string Name, string Path, IReadOnlyList<string> Params);

internal sealed record BicepModuleOutput(string Module, string Output);
