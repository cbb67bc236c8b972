namespace Pipeline.Local.Hosting;

/// <summary>A built app of the .NET isolated worker: where its files are.</summary>
/// <param name="Folder">The folder that was named.</param>
/// <param name="Output">Where its assembly is, with host.json and topology.json beside it.</param>
/// <param name="Assembly">Path of its assembly.</param>
internal sealed record AppFolder(string Folder, string Output, string Assembly)
{
    private const string RuntimeSuffix = ".runtimeconfig.json";
    private const string WorkerReference = "\"Microsoft.Azure.Functions.Worker/";

    /// <summary>Finds the app in the output of a build, or in a project's folder the one that was built last.</summary>
    /// <exception cref="StartupException">There is none, or there are several.</exception>
    public static AppFolder Find(string folder)
    {
        var full = Path.GetFullPath(folder);
        if (!Directory.Exists(full))
            throw new StartupException($"There is no folder {full}.");
        var here = AppsIn(full);
        if (here.Count > 1)
            throw new StartupException($"{full} has several apps: {string.Join(", ", here.Select(Path.GetFileName))}. Each needs a folder of its own.");
        if (here.Count == 1)
            return new AppFolder(full, full, here[0]);

        var bin = Path.Combine(full, "bin");
        var built = Directory.Exists(bin)
            ? Directory.EnumerateFiles(bin, "*" + RuntimeSuffix, SearchOption.AllDirectories).Select(Path.GetDirectoryName).Distinct(StringComparer.Ordinal)
                .SelectMany(output => AppsIn(output!)).MaxBy(File.GetLastWriteTimeUtc)
            : null;
        return built is not null
            ? new AppFolder(full, Path.GetDirectoryName(built)!, built)
            : throw new StartupException(
                $"{full} holds no built app of the .NET isolated worker. Build it first (dotnet build {folder}), or name the folder that its assembly is in.");
    }

    /// <summary>The app of an assembly.</summary>
    public static AppFolder Of(string assembly)
    {
        var full = Path.GetFullPath(assembly);
        var folder = Path.GetDirectoryName(full)!;
        return new AppFolder(folder, folder, full);
    }

    /// <summary>The first of these files that exists, of those that belong to the app; <see langword="null"/>: none does.</summary>
    public string? FileNamed(string name) =>
        ((string[])[Path.Combine(Output, name), Path.Combine(Folder, name)]).FirstOrDefault(File.Exists);

    private static List<string> AppsIn(string folder) =>
    [
        .. Directory.EnumerateFiles(folder, "*" + RuntimeSuffix)
            .Select(runtime => runtime[..^RuntimeSuffix.Length])
            .Where(app => File.Exists(app + ".dll") && File.Exists(app + ".deps.json"))
            .Where(app => File.ReadAllText(app + ".deps.json").Contains(WorkerReference, StringComparison.Ordinal))
            .Select(app => app + ".dll"),
    ];
}
