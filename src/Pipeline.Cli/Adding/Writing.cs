using Pipeline.Generation;

namespace Pipeline.Cli.Adding;

/// <summary>Writes an addition, all of it or nothing, and what follows from it.</summary>
internal sealed class Writing(Terminal terminal, Workspace workspace)
{
    /// <summary>Writes.</summary>
    /// <exception cref="CliFailure">A file is there already; nothing was written.</exception>
    public async Task<int> RunAsync(Addition addition, CancellationToken cancellationToken)
    {
        if (addition.Files.FirstOrDefault(f => File.Exists(workspace.PathOf(f.Path))) is { } present)
            throw new CliFailure($"{present.Path} is there already, and nothing was written. Choose another name, or delete it first.");
        foreach (var (path, text) in addition.Files)
        {
            var place = workspace.PathOf(path);
            Directory.CreateDirectory(Path.GetDirectoryName(place)!);
            await File.WriteAllTextAsync(place, text.ReplaceLineEndings("\n"), cancellationToken);
            terminal.Line($"written: {path}");
        }

        if (addition.IsComplete)
            await GenerateAsync(cancellationToken);
        terminal.Line();
        terminal.Line("Next:");
        foreach (var (i, step) in addition.Next.Index())
            terminal.Line(string.Create(CultureInfo.InvariantCulture, $"  {i + 1}. {step}"));
        return ExitCode.Ok;
    }

    private async Task GenerateAsync(CancellationToken cancellationToken)
    {
        var result = await new Generation.Generation(workspace, terminal.Error.WriteLine).RunAsync(isCheck: false, cancellationToken);
        foreach (var file in result.Files)
            terminal.Line($"generated: {file}");
        foreach (var part in result.Removed)
            terminal.Line($"removed: {part}");
        foreach (var note in result.Notes)
            terminal.Line(note);
    }
}
