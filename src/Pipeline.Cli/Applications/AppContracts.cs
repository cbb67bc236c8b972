using System.Collections.Concurrent;
using System.Reflection;
using Pipeline.Contracts;
using Pipeline.Generation;

namespace Pipeline.Cli.Applications;

/// <summary>The contracts of an application, as its built assembly has them.</summary>
internal sealed class AppContracts
{
    private static readonly ConcurrentDictionary<(string Path, DateTime Built), AppContracts> Loaded = new();

    private readonly Assembly _assembly;
    private readonly string _path;
    private readonly Lazy<Topology> _topology;

    private AppContracts(string path)
    {
        _path = path;
        try
        {
            _assembly = new ContractsContext(Path.GetDirectoryName(path)!).Load(path);
            All = ContractsAssembly.ContractsOf(_assembly);
        }
        catch (Exception failure) when (failure is TargetInvocationException or TypeInitializationException or GenerationException or TypeLoadException or MissingMethodException)
        {
            var cause = failure.GetBaseException();
            throw new CliFailure($"The contracts in '{path}' cannot be used: {cause.Message}", cause);
        }

        _topology = new Lazy<Topology>(ReadTopology);
    }

    /// <summary>Gets all contracts, by type.</summary>
    public IReadOnlyList<Contract> All { get; }

    /// <summary>Gets the records that declare a message, also those that 'generate' has not seen yet.</summary>
    public IEnumerable<Type> Declared => _assembly.GetTypes().Where(t => t.IsDefined(typeof(MessageAttribute), inherit: false));

    /// <summary>Gets the topology that the assembly was built with.</summary>
    /// <exception cref="CliFailure">It has none, or one that cannot be read.</exception>
    public Topology Topology => _topology.Value;

    /// <summary>Gets the documentation of the records.</summary>
    /// <exception cref="CliFailure">The assembly was built without it.</exception>
    public RecordDocumentation Documentation => Path.ChangeExtension(_path, ".xml") is var file && File.Exists(file)
        ? RecordDocumentation.Load(file)
        : throw new CliFailure($"'{_path}' has no documentation beside it. Set <GenerateDocumentationFile>true</GenerateDocumentationFile> in the project of the contracts.");

    /// <summary>Reads the contracts of an application; builds them if they are older than their sources.</summary>
    /// <param name="given">The project's folder, or a built assembly; <see langword="null"/> for that of the current folder.</param>
    /// <param name="terminal">Is told of a build.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="CliFailure">There are none, they do not build or cannot be used.</exception>
    public static async Task<AppContracts> LoadAsync(string? given, Terminal terminal, CancellationToken cancellationToken)
    {
        if (given is not null && given.EndsWith(".dll", StringComparison.OrdinalIgnoreCase))
            return File.Exists(given) ? Of(Path.GetFullPath(given)) : throw new CliFailure($"There is no file '{given}'.");
        try
        {
            var project = given is null ? Application.Required().Workspace : WorkspaceOf(given);
            return Of(await BuiltAsync(project, terminal, cancellationToken));
        }
        catch (GenerationException wrong)
        {
            throw new CliFailure(wrong.Message, wrong);
        }
    }

    /// <summary>Finds the contract of a type; <see langword="null"/> if there is none.</summary>
    public Contract? Find(string type) => All.FirstOrDefault(c => c.Type == type);

    private static Workspace WorkspaceOf(string folder)
    {
        var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        return new Workspace(Path.GetDirectoryName(full) ?? full, Contracts: Path.GetFileName(full));
    }

    private static async Task<string> BuiltAsync(Workspace workspace, Terminal terminal, CancellationToken cancellationToken)
    {
        var project = workspace.ProjectOf(workspace.Contracts);
        var folder = Path.GetDirectoryName(project)!;
        var sources = Sources.Later(Sources.NewestIn(folder, "*.cs", "*.csproj", "readers.txt"), Sources.NewestIn(Path.Combine(folder, "schemas"), "*.json"));
        sources = Sources.Later(sources, Sources.NewestOf([workspace.PathOf(Workspace.TopologyFile)]));
        if (Newest(Path.Combine(folder, "bin")) is { } built && File.GetLastWriteTimeUtc(built) >= sources)
            return built;

        terminal.Error.WriteLine($"Building {project} ...");
        var (dll, output) = await ProjectBuild.RunAsync(project, cancellationToken);
        return dll ?? throw new CliFailure($"The contracts do not build. Run 'dotnet build {folder}' to see all of it: {output.Split('\n')[0]}");
    }

    /// <summary>Gets the assembly that was built last; <see langword="null"/> if there is none.</summary>
    private static string? Newest(string bin) => Directory.Exists(bin)
        ? Directory.EnumerateFiles(bin, "*.dll", SearchOption.AllDirectories).Where(ContractsAssembly.IsOne).MaxBy(File.GetLastWriteTimeUtc)
        : null;

    /// <summary>Loaded once per build: what was loaded stays in the process.</summary>
    private static AppContracts Of(string path) => Loaded.GetOrAdd((path, File.GetLastWriteTimeUtc(path)), static key => new AppContracts(key.Path));

    private Topology ReadTopology()
    {
        try
        {
            return Topology.In(_assembly, All);
        }
        catch (Exception wrong) when (wrong is InvalidOperationException or System.Text.Json.JsonException or KeyNotFoundException or FormatException)
        {
            throw new CliFailure($"The topology in '{_path}' cannot be read: {wrong.Message} '{Wording.Tool} generate' writes it.", wrong);
        }
    }
}
