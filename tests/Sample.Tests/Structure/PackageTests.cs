using System.Text.Json.Nodes;
using System.Xml.Linq;
using Pipeline.Tests.Deployment;

namespace Pipeline.Tests;

/// <summary>What is packed says what it is. Whether the packages work is for TemplateTests.</summary>
public sealed class PackageTests
{
    private static readonly IReadOnlyList<string> Packed = [.. Projects("src").Where(p => !Has(p, "IsPackable", "false"))];

    [Fact]
    public void Every_package_has_a_description_and_a_readme_that_names_it()
    {
        Assert.True(Packed.Count > 5, "The projects are not found.");
        Assert.All(Packed, project =>
        {
            Assert.True(Element(project, "Description") is { Length: > 20 }, $"{project} has no <Description>.");
            var readme = Repository.Text($"{Path.GetDirectoryName(project)}/README.md");
            Assert.StartsWith($"# {IdOf(project)}\n", readme, StringComparison.Ordinal);
            Assert.Contains("\n```", readme, StringComparison.Ordinal);
        });
    }

    [Fact]
    public void Packages_have_names_of_their_own() => Assert.Equal(Packed.Count, Packed.Select(IdOf).Distinct(StringComparer.Ordinal).Count());

    [Fact]
    public void Every_project_of_src_is_in_the_solution_so_that_it_is_packed()
    {
        var solution = Repository.Text("Pipeline.sln").Replace('\\', '/');
        Assert.All(Projects("src"), project => Assert.Contains($"\"{project}\"", solution, StringComparison.Ordinal));
    }

    /// <summary>With it, packing builds neither tests nor the sample.</summary>
    [Fact]
    public void The_filter_of_packages_names_exactly_what_is_packed()
    {
        var solution = JsonNode.Parse(Repository.Text("Packages.slnf"))!["solution"]!;
        Assert.Equal("Pipeline.sln", (string?)solution["path"]);
        Assert.Equal(
            Packed.Order(StringComparer.Ordinal),
            solution["projects"]!.AsArray().Select(p => ((string)p!).Replace('\\', '/')).Order(StringComparer.Ordinal));
    }

    /// <summary>The root says that nothing is packed, and src/ that all is.</summary>
    [Fact]
    public void Nothing_but_src_is_packed()
    {
        Assert.Contains("<IsPackable>false</IsPackable>", Repository.Text("Directory.Build.props"), StringComparison.Ordinal);
        Assert.DoesNotContain(
            new[] { "contracts", "services", "functions", "tests", "bench" }.SelectMany(Projects),
            project => Has(project, "IsPackable", "true") || Has(project, "PackAsTool", "true"));
    }

    private static IEnumerable<string> Projects(string folder) => Directory
        .EnumerateFiles(Repository.PathOf(folder), "*.csproj", SearchOption.AllDirectories)
        .Select(path => Path.GetRelativePath(Repository.Root, path).Replace('\\', '/'))
        .Where(path => !path.Contains("/obj/", StringComparison.Ordinal) && !path.Contains("/bin/", StringComparison.Ordinal) && !path.Contains("/content/", StringComparison.Ordinal));

    private static string IdOf(string project) => Element(project, "PackageId") ?? Element(project, "AssemblyName") ?? Path.GetFileNameWithoutExtension(project);

    private static bool Has(string project, string name, string value) => Element(project, name) == value;

    private static string? Element(string project, string name) =>
        XDocument.Parse(Repository.Text(project)).Descendants(name).FirstOrDefault()?.Value;
}
