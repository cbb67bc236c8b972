using System.Reflection;
using Pipeline.Contracts;

namespace Pipeline.Generation;

/// <summary>
/// Runs beside the services that were built, on their own copies of the contracts and of this assembly. It is called by
/// reflection, so it takes and gives only what both sides share.
/// </summary>
internal static class LoadedServices
{
    /// <summary>What belongs into the catalogs, as path and text in turn.</summary>
    public static string?[] Catalogs(Assembly services, Assembly contracts, string root, string project) =>
        [.. Flat(Of(services, contracts, root, project).Catalogs())];

    /// <summary>What belongs into all files, as path and text in turn; then the notes, each behind an empty path.</summary>
    /// <param name="services">The assembly of the services.</param>
    /// <param name="contracts">The assembly of the contracts.</param>
    /// <param name="root">The application's folder.</param>
    /// <param name="project">The folder of the services in it.</param>
    /// <param name="bin">Where the services were built to, with the documentation of the contracts.</param>
    public static string?[] All(Assembly services, Assembly contracts, string root, string project, string bin)
    {
        var notes = new List<string>();
        var documentation = RecordDocumentation.Load(Path.Combine(bin, contracts.GetName().Name + ".xml"));
        var files = Of(services, contracts, root, project).All(ContractsAssembly.ContractsOf(contracts), documentation, notes);
        return [.. Flat(files), .. notes.SelectMany(note => new[] { "", note })];
    }

    /// <summary>The states of all services: service, type and property of each in turn.</summary>
    public static string?[] States(Assembly services, Assembly contracts) =>
        [.. Declarations.Of(contracts, services).States.SelectMany(s => new[] { s.Service, s.State.FullName, CodeText.Plain(s.Property) })];

    private static Generator Of(Assembly services, Assembly contracts, string root, string project) =>
        new(new Workspace(root, Services: project), Declarations.Of(contracts, services));

    private static IEnumerable<string?> Flat(IEnumerable<GeneratedFile> files) => files.SelectMany(f => new[] { f.Path, f.Text });
}
