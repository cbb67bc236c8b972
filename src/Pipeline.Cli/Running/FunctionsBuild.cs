using Pipeline.Cli.Applications;
using Pipeline.Generation;
using Pipeline.Local.Hosting;

namespace Pipeline.Cli.Running;

/// <summary>The functions app of an application, built if it is older than its sources.</summary>
internal static class FunctionsBuild
{
    /// <summary>Written after a build: not every change of a source changes what is built.</summary>
    private const string Stamp = "pipeline.built";

    private static readonly string[] Patterns = ["*.cs", "*.csproj", "*.json", "*.props", "*.targets", "*.txt"];

    /// <summary>Gets what starts the application, with its app built.</summary>
    /// <exception cref="CliFailure">It does not build.</exception>
    public static async Task<StartSettings> PreparedAsync(StartSettings start, Terminal terminal, CancellationToken cancellationToken)
    {
        if (start.FunctionsDll is not null)
            return start;
        var workspace = new Workspace(start.Directory);
        var folder = workspace.PathOf(workspace.Functions);
        var stamp = Path.Combine(folder, "obj", Stamp);
        if (AppHost.FindBuilt(folder) is { } built && NewestSource(workspace) <= Sources.NewestOf([.. Directory.EnumerateFiles(Path.GetDirectoryName(built)!), stamp]))
            return start with { FunctionsDll = built };

        // Its time is when the build began: a source that is newer is not in what was built.
        Directory.CreateDirectory(Path.GetDirectoryName(stamp)!);
        await File.WriteAllTextAsync(stamp + ".new", "", cancellationToken);
        var (dll, output) = await terminal.WaitAsync(
            "Building the application", () => ProjectBuild.RunAsync(workspace.ProjectOf(workspace.Functions), cancellationToken));
        if (dll is null)
        {
            terminal.Error.WriteLine(output);
            throw new CliFailure($"The application does not build; the errors are above. The same with: dotnet build {folder}");
        }

        File.Move(stamp + ".new", stamp, overwrite: true);
        return start with { FunctionsDll = dll };
    }

    private static DateTime NewestSource(Workspace workspace)
    {
        var newest = Sources.NewestOf(Directory.EnumerateFiles(workspace.Root).Where(f => Path.GetExtension(f) is ".json" or ".props" or ".targets"));
        foreach (var project in new[] { workspace.Contracts, workspace.Services, workspace.Functions })
            newest = Sources.Later(newest, Sources.NewestIn(workspace.PathOf(project), Patterns));
        return newest;
    }
}
