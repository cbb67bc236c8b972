using System.Text.Json;
using System.Text.Json.Nodes;
using System.Xml.Linq;

namespace Pipeline.Generation;

/// <summary>The folder of an application, with the projects that are read and written beside each other.</summary>
/// <param name="Root">The folder.</param>
/// <param name="Contracts">The project of the contracts, from there.</param>
/// <param name="Services">The project of the services, from there.</param>
/// <param name="Functions">The project of the functions, from there.</param>
internal sealed record Workspace(string Root, string Contracts = "contracts", string Services = "services", string Functions = "functions")
{
    /// <summary>What is written of the topology, from <see cref="Root"/>.</summary>
    public const string TopologyFile = "topology.json";

    /// <summary>What is set by hand of the topology, from <see cref="Root"/>.</summary>
    public const string SettingsFile = "topology.settings.json";

    private const string ToolCommand = "pipeline";
    private const string ToolPackage = "\"pipeline.cli\"";
    private const string Manifest = "dotnet-tools.json";

    /// <summary>
    /// Gets how the tool is called in the folder, for generated files: the script of a clone, or the tool of a manifest there or further
    /// up. It depends on the files alone, so that everyone generates the same.
    /// </summary>
    public string Tool =>
        File.Exists(PathOf(ToolCommand)) ? "./" + ToolCommand
        : HasManifest() ? "dotnet " + ToolCommand
        : ToolCommand;

    /// <summary>
    /// The application that a folder is in: the nearest folder upward that has a topology, or the settings of one, and beside it the
    /// projects of the contracts, the services and the functions. <see langword="null"/> if there is none.
    /// </summary>
    public static Workspace? Find(string from)
    {
        for (var folder = new DirectoryInfo(from); folder is not null; folder = folder.Parent)
        {
            var here = new Workspace(folder.FullName);
            if ((File.Exists(here.PathOf(TopologyFile)) || File.Exists(here.PathOf(SettingsFile)))
                && new[] { here.Contracts, here.Services, here.Functions }.All(project => ProjectsIn(here.PathOf(project)) is [_]))
            {
                return here;
            }
        }

        return null;
    }

    /// <summary>The application that a services project belongs to: the folder that it is in.</summary>
    /// <exception cref="GenerationException">There is no such project.</exception>
    public static Workspace Of(string servicesProject)
    {
        var path = Path.GetFullPath(servicesProject);
        var folder = path.EndsWith(".csproj", StringComparison.Ordinal) ? Path.GetDirectoryName(path)! : path;
        if (ProjectsIn(folder) is not [_])
        {
            throw new GenerationException(
                $"'{servicesProject}' is no folder with a project. Name the project that has the consumers: --project services");
        }

        return new Workspace(Path.GetDirectoryName(folder)!, Services: Path.GetFileName(folder));
    }

    /// <summary>
    /// The folder with the tests of the services, from <see cref="Root"/>: <c>tests</c> if that is a project, else the project in it that is
    /// named like theirs with <c>.Tests</c>. <see langword="null"/> if there is none.
    /// </summary>
    public string? ServicesTests()
    {
        const string Tests = "tests";
        if (ProjectsIn(PathOf(Tests)) is [_])
            return Tests;
        if (!Directory.Exists(PathOf(Tests)))
            return null;
        var anyCase = new EnumerationOptions { MatchCasing = MatchCasing.CaseInsensitive };
        return Directory.GetDirectories(PathOf(Tests), Services + ".Tests", anyCase).FirstOrDefault(folder => ProjectsIn(folder) is [_]) is { } found
            ? $"{Tests}/{Path.GetFileName(found)}"
            : null;
    }

    /// <summary>The file of a project.</summary>
    public string ProjectOf(string folder) => ProjectsIn(Path.Combine(Root, folder)) is [var only]
        ? only
        : throw new GenerationException($"There is no project in '{Path.Combine(Root, folder)}'.");

    /// <summary>The namespace that a project gives to its types by itself.</summary>
    public string NamespaceOf(string folder)
    {
        var file = ProjectOf(folder);
        var properties = XDocument.Load(file).Descendants().ToLookup(e => e.Name.LocalName, e => e.Value, StringComparer.Ordinal);
        return properties["RootNamespace"].Concat(properties["AssemblyName"]).FirstOrDefault() ?? Path.GetFileNameWithoutExtension(file);
    }

    /// <summary>The text of a file; <see langword="null"/> if there is none.</summary>
    public string? Read(string path) => File.Exists(PathOf(path)) ? File.ReadAllText(PathOf(path)) : null;

    /// <summary>The place of a file.</summary>
    public string PathOf(string path) => Path.Combine(Root, path);

    /// <summary>The files of a folder, from <see cref="Root"/>.</summary>
    public IEnumerable<string> Files(string folder, string pattern) => Directory.Exists(PathOf(folder))
        ? Directory.GetFiles(PathOf(folder), pattern).Select(f => $"{folder}/{Path.GetFileName(f)}").Order(StringComparer.Ordinal)
        : [];

    /// <summary>The hand settings.</summary>
    /// <exception cref="GenerationException">They are no JSON object.</exception>
    public JsonObject Settings()
    {
        try
        {
            var options = new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true, AllowDuplicateProperties = false };
            return JsonNode.Parse(Read(SettingsFile) ?? "{}", documentOptions: options) as JsonObject
                ?? throw new GenerationException($"{SettingsFile} is no JSON object.");
        }
        catch (JsonException unreadable)
        {
            throw new GenerationException($"{SettingsFile} cannot be read: {unreadable.Message}");
        }
    }

    private bool HasManifest()
    {
        for (var folder = new DirectoryInfo(Root); folder is not null; folder = folder.Parent)
        {
            // As .NET looks for them: in either place.
            string[] places = [Path.Combine(folder.FullName, ".config", Manifest), Path.Combine(folder.FullName, Manifest)];
            if (places.Any(place => File.Exists(place) && File.ReadAllText(place).Contains(ToolPackage, StringComparison.OrdinalIgnoreCase)))
                return true;
        }

        return false;
    }

    private static string[] ProjectsIn(string folder) => Directory.Exists(folder) ? Directory.GetFiles(folder, "*.csproj") : [];
}
