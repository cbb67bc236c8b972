using Pipeline.Generation;

namespace Pipeline.Cli.Adding;

/// <summary>Reads the states of the services of an application, which it builds for that.</summary>
internal static class ServiceStates
{
    /// <summary>Reads them.</summary>
    /// <exception cref="GenerationException">The services do not build, or something that they define cannot be used.</exception>
    public static async Task<IReadOnlyList<ServiceState>> ReadAsync(Workspace workspace, Terminal terminal, CancellationToken cancellationToken)
    {
        var project = workspace.ProjectOf(workspace.Services);
        terminal.Error.WriteLine($"Building {project} ...");
        var (dll, output) = await ProjectBuild.RunAsync(project, cancellationToken);
        if (dll is null)
            throw new GenerationException($"The services do not build:\n{output}");
        var context = new ServicesContext(Path.GetDirectoryName(dll)!);
        try
        {
            return [.. context.Run(nameof(LoadedServices.States), dll).Chunk(3).Select(s => new ServiceState(s[0]!, s[1]!, s[2]!))];
        }
        finally
        {
            context.Unload();
        }
    }
}
