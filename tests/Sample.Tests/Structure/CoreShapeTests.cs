using System.Reflection;
using System.Text;
using Mono.Cecil;
using Pipeline.AzureFunctions;
using Pipeline.Consumers;
using Pipeline.Storage;
using Pipeline.Tests.Deployment;

namespace Pipeline.Tests;

/// <summary>Keeps the core and what services are written against untied: folders depend on each other in one direction, and no class grows into a knot.</summary>
public sealed class CoreShapeTests
{
    private const int MaxLines = 250;
    private const int MaxParameters = 7;
    private const string Root = "Pipeline";

    private static readonly string[] Projects = ["src/Pipeline", "src/Pipeline.Abstractions", "src/Pipeline.AzureFunctions"];

    /// <summary>A folder of both projects counts as one: what is defined in one and carried out in the other has one name.</summary>
    [Fact]
    public void Folders_of_the_core_depend_on_each_other_without_a_circle()
    {
        var graph = GraphOf(Root, typeof(ConsumerRunner).Assembly.Location, typeof(Consumer).Assembly.Location);
        Assert.True(graph.Count > 10, "The folders are not found.");
        Assert.Contains("Storage", graph["Consumers"]);
        Assert.Contains("Decisions", graph["Consumers"]);

        Assert.True(CircleIn(graph) is not { } circle, $"The folders {string.Join(" → ", CircleIn(graph) ?? [])} depend on each other in a circle:\n{Draw(graph)}");
    }

    [Fact]
    public void Folders_of_the_functions_package_depend_on_each_other_without_a_circle()
    {
        var graph = GraphOf("Pipeline.AzureFunctions", typeof(PipelineServices).Assembly.Location);
        Assert.Equal(9, graph.Count);
        Assert.Contains("Http", graph["OperatorApi"]);

        Assert.True(CircleIn(graph) is not { } circle, $"The folders {string.Join(" → ", CircleIn(graph) ?? [])} depend on each other in a circle:\n{Draw(graph)}");
    }

    [Fact]
    public void A_circle_is_found() => Assert.Equal(
        ["B", "C", "B"],
        CircleIn(new Dictionary<string, IReadOnlySet<string>>
        {
            ["A"] = new HashSet<string> { "B" },
            ["B"] = new HashSet<string> { "C" },
            ["C"] = new HashSet<string> { "B", "D" },
            ["D"] = new HashSet<string>(),
        }));

    [Fact]
    public void No_file_of_the_core_is_long()
    {
        var files = Repository.Sources(Projects);
        Assert.True(files.Count > 250, "The files are not found.");
        Assert.Empty(files.Where(f => f.Value.Split('\n').Length > MaxLines + 1).Select(f => f.Key));
    }

    [Fact]
    public void Only_generated_code_of_the_core_is_partial() => Assert.Empty(
        Repository.Sources(Projects)
            .Where(f => f.Value.Contains(" partial ", StringComparison.Ordinal)
                && !f.Value.Contains("JsonSerializerContext", StringComparison.Ordinal)
                && !f.Value.Contains("[GeneratedRegex", StringComparison.Ordinal)
                && !f.Key.Contains("VisibleText", StringComparison.Ordinal))
            .Select(f => f.Key));

    [Fact]
    public void No_constructor_of_the_core_takes_many_parameters() => Assert.Empty(
        new[] { typeof(ConsumerRunner), typeof(Consumer), typeof(PipelineServices) }.SelectMany(t => t.Assembly.GetTypes())
            .Where(t => t.Namespace?.StartsWith(Root, StringComparison.Ordinal) == true && !IsRecord(t) && !t.Name.StartsWith('<'))
            .SelectMany(t => t.GetConstructors(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance))
            .Where(c => c.GetParameters().Length > MaxParameters)
            .Select(c => $"{c.DeclaringType} takes {c.GetParameters().Length}"));

    [Fact]
    public void Queries_are_in_one_place() => Assert.Equal(
        ["StoreQueries.cs"],
        Repository.Sources(Projects).Where(f => f.Value.Contains("new QueryDefinition(", StringComparison.Ordinal) || f.Value.Contains("\"SELECT ", StringComparison.Ordinal))
            .Select(f => Path.GetFileName(f.Key)));

    /// <summary>Texts side by side can be swapped unnoticed. What the application calls takes plain text, and says so by being listed here.</summary>
    [Fact]
    public void Identifiers_of_the_core_are_no_plain_text()
    {
        var parameters = typeof(ConsumerRunner).Assembly.GetTypes()
            .SelectMany(t => t.GetMembers(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly))
            .OfType<MethodBase>()
            .SelectMany(m => m.GetParameters(), (m, p) => (Method: $"{m.DeclaringType!.Name}.{m.Name}", p.Name, Type: p.ParameterType))
            .Where(p => p.Name is "partition" or "consumer" or "deadLetterId" or "entryId" or "eventId")
            .ToList();

        Assert.Contains(parameters, p => p.Type == typeof(Partition));
        Assert.Equal(
            ["CommandRunner`1.ReadAsync", "CommandRunner`1.ReadWithNumberAsync", "EventHistory.ReadAsync", "Ids.PartitionError", "Telemetry.StartConsume"],
            parameters.Where(p => p.Type == typeof(string)).Select(p => p.Method).Distinct().Order(StringComparer.Ordinal));
    }

    /// <summary>Records carry data: a parameter for each.</summary>
    private static bool IsRecord(Type type) => type.GetMethod("<Clone>$") is not null || (type.IsValueType && type.GetMethod("PrintMembers", BindingFlags.NonPublic | BindingFlags.Instance) is not null);

    private static Dictionary<string, IReadOnlySet<string>> GraphOf(string root, params ReadOnlySpan<string> paths)
    {
        var graph = new Dictionary<string, HashSet<string>>(StringComparer.Ordinal);
        foreach (var path in paths)
        {
            using var assembly = AssemblyDefinition.ReadAssembly(path);
            foreach (var type in assembly.MainModule.GetTypes().Where(t => FolderOf(t, root) is not null))
            {
                if (!graph.TryGetValue(FolderOf(type, root)!, out var uses))
                    graph.Add(FolderOf(type, root)!, uses = new HashSet<string>(StringComparer.Ordinal));
                uses.UnionWith(TypeUses.Of(type).Select(u => FolderOf(u.Type, root)).OfType<string>().Where(f => f != FolderOf(type, root)));
            }
        }

        return graph.ToDictionary(f => f.Key, IReadOnlySet<string> (f) => f.Value, StringComparer.Ordinal);
    }

    /// <summary>The folder of a type of the project, or of its abstractions; <see langword="null"/> for other types, and for the root.</summary>
    private static string? FolderOf(TypeReference type, string root)
    {
        while (type.DeclaringType is { } outer)
            type = outer;
        var scope = type.Scope.Name.EndsWith(".dll", StringComparison.Ordinal) ? type.Scope.Name[..^4] : type.Scope.Name;
        return type.Namespace.StartsWith(root + ".", StringComparison.Ordinal) && (scope == root || scope == root + ".Abstractions") ? type.Namespace[(root.Length + 1)..] : null;
    }

    private static List<string>? CircleIn(IReadOnlyDictionary<string, IReadOnlySet<string>> graph)
    {
        var done = new HashSet<string>(StringComparer.Ordinal);
        return graph.Keys.Order(StringComparer.Ordinal).Select(start => Walk(start, [])).FirstOrDefault(circle => circle is not null);

        List<string>? Walk(string folder, List<string> path)
        {
            if (path.IndexOf(folder) is >= 0 and var at)
                return [.. path[at..], folder];
            if (done.Contains(folder))
                return null;
            path.Add(folder);
            var circle = graph.GetValueOrDefault(folder, new HashSet<string>()).Order(StringComparer.Ordinal).Select(next => Walk(next, path)).FirstOrDefault(c => c is not null);
            path.RemoveAt(path.Count - 1);
            done.Add(folder);
            return circle;
        }
    }

    private static string Draw(IReadOnlyDictionary<string, IReadOnlySet<string>> graph)
    {
        var text = new StringBuilder("graph TD\n");
        foreach (var (folder, uses) in graph.OrderBy(f => f.Key, StringComparer.Ordinal))
        {
            foreach (var use in uses.Order(StringComparer.Ordinal))
                text.Append("  ").Append(folder).Append(" --> ").Append(use).Append('\n');
        }

        return text.ToString();
    }
}
