namespace Pipeline.Generation;

/// <summary>Brings the generated files of an application up to date, or tells which are not.</summary>
internal sealed class Generation(Workspace workspace, Action<string> progress)
{
    /// <summary>Runs.</summary>
    /// <param name="isCheck">Whether nothing is to be written.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="GenerationException">The services cannot be built, or something that they define cannot be used.</exception>
    public async Task<GenerationResult> RunAsync(bool isCheck, CancellationToken cancellationToken)
    {
        progress($"Building {workspace.ProjectOf(workspace.Services)} ...");
        var before = Generator.EmptyCatalogs(workspace).ToDictionary(f => f.Path, f => workspace.Read(f.Path), StringComparer.Ordinal);
        var dll = await BuildAsync(isCheck, before, cancellationToken);
        if (dll is null)
            return new GenerationResult([.. before.Keys], [], []);
        var (catalogs, _) = Run(nameof(LoadedServices.Catalogs), dll);
        var stale = Generator.Stale(workspace, catalogs);
        if (isCheck && stale.Count > 0)
            return new GenerationResult([.. stale.Select(f => f.Path)], ["What follows from these was not looked at."], []);
        if (stale.Count > 0)
        {
            Write(stale);
            progress("Building again, with what was found ...");
            dll = (await ProjectBuild.RunAsync(workspace.ProjectOf(workspace.Services), cancellationToken)) is ({ } built, _) ? built
                : throw new GenerationException(
                    "The services do not build with what was generated from them. Please report that, with the records and consumers.");
        }

        var (files, notes) = Run(nameof(LoadedServices.All), dll, Path.GetDirectoryName(dll)!);
        stale = Generator.Stale(workspace, files);
        var removed = RemovedParts.Of(path => before.TryGetValue(path, out var text) ? text : workspace.Read(path), files);
        if (!isCheck)
            Write(stale);
        var catalogsChanged = before.Where(f => f.Value != workspace.Read(f.Key)).Select(f => f.Key);
        var changed = stale.Select(f => f.Path).Concat(catalogsChanged);
        return new GenerationResult([.. changed.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)], notes, removed);
    }

    /// <summary>The assembly; <see langword="null"/> if a check finds catalogs that do not even build.</summary>
    private async Task<string?> BuildAsync(bool isCheck, Dictionary<string, string?> before, CancellationToken cancellationToken)
    {
        var project = workspace.ProjectOf(workspace.Services);
        var (dll, output) = await ProjectBuild.RunAsync(project, cancellationToken);
        if (dll is not null)
            return dll;

        // What was generated may name a record or a consumer that is gone, or not be there at all.
        var isOfCatalogs = output.Contains(".g.cs(", StringComparison.Ordinal) || before.Values.Any(text => text is null);
        if (isOfCatalogs && isCheck)
            return null;
        if (isOfCatalogs)
        {
            Write(Generator.EmptyCatalogs(workspace));
            progress("Building again, without what was generated before ...");
            (dll, output) = await ProjectBuild.RunAsync(project, cancellationToken);
            if (dll is not null)
                return dll;
            Write(before.Select(f => new GeneratedFile(f.Key, f.Value)));
        }

        throw new GenerationException($"The services do not build:\n{output}");
    }

    private (IReadOnlyList<GeneratedFile> Files, IReadOnlyList<string> Notes) Run(string method, string dll, params object[] more)
    {
        var context = new ServicesContext(Path.GetDirectoryName(dll)!);
        try
        {
            var pairs = context.Run(method, dll, [workspace.Root, workspace.Services, .. more]).Chunk(2).ToLookup(p => p[0]!.Length > 0);
            return ([.. pairs[true].Select(p => new GeneratedFile(p[0]!, p[1]))], [.. pairs[false].Select(p => p[1]!)]);
        }
        finally
        {
            context.Unload();
        }
    }

    private void Write(IEnumerable<GeneratedFile> files)
    {
        foreach (var (path, text) in files)
        {
            var place = workspace.PathOf(path);
            if (text is null)
            {
                File.Delete(place);
                continue;
            }

            Directory.CreateDirectory(Path.GetDirectoryName(place)!);
            File.WriteAllText(place, text);
        }
    }
}
