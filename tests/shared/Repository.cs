using System.Reflection;
using System.Text.Json;

namespace Pipeline.Tests.Deployment;

/// <summary>The files of this repository, as they are in the working tree.</summary>
internal static class Repository
{
    public static string Root { get; } =
        Path.GetFullPath(typeof(Repository).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "Root").Value!);

    public static JsonElement Topology { get; } = Json("topology.json");

    public static string PathOf(string name) => Path.Combine(Root, name);

    public static string Text(string name) => File.ReadAllText(PathOf(name));

    public static JsonElement Json(string name) =>
        JsonDocument.Parse(Text(name)).RootElement;

    /// <summary>The C# sources of a project, without what builds leave there, by their path.</summary>
    public static IReadOnlyDictionary<string, string> Sources(params string[] projects) => projects
        .SelectMany(project => Directory.EnumerateFiles(PathOf(project), "*.cs", SearchOption.AllDirectories))
        .Select(path => Path.GetRelativePath(Root, path))
        .Where(path => !path.Split(Path.DirectorySeparatorChar).Any(part => part is "obj" or "bin"))
        .ToDictionary(path => path, Text, StringComparer.Ordinal);

    /// <summary>The names of the elements of an array of topology.json.</summary>
    public static IEnumerable<string> NamesOf(JsonElement array) => array.EnumerateArray().Select(e => e.GetProperty("name").GetString()!);
}
