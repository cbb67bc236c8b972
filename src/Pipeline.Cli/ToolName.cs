namespace Pipeline.Cli;

/// <summary>The name that this tool was called by, so that printed commands can be run unchanged.</summary>
/// <param name="Process">The running program.</param>
/// <param name="Folder">Where this tool's files are.</param>
/// <param name="Current">The current directory.</param>
/// <param name="Repository">The clone that it runs from; <see langword="null"/> if it is installed.</param>
internal sealed record ToolName(string? Process, string Folder, string Current, string? Repository)
{
    private const string Command = "pipeline";

    /// <summary>Of this process.</summary>
    public static ToolName OfProcess(string? clone) => new(Environment.ProcessPath, AppContext.BaseDirectory, Environment.CurrentDirectory, clone);

    /// <summary>Whether it runs in the clone, as <c>./pipeline</c> and <c>dotnet run</c> do it, rather than installed.</summary>
    public bool IsInClone =>
        Repository is not null && !IsCalled(Command) && Folder.StartsWith(Repository.TrimEnd(Path.DirectorySeparatorChar) + Path.DirectorySeparatorChar, StringComparison.Ordinal);

    /// <summary>The tool; in a clone the script beside the solution, with its path from the current directory, however it was called.</summary>
    public override string ToString() =>
        IsInClone ? Quoted(Script)
        : IsCalled("dotnet") ? $"dotnet {Command}" // A tool of a manifest.
        : Command;

    /// <summary>How a project is run.</summary>
    /// <param name="project">Its folder.</param>
    public string Run(string project) => $"dotnet run --project {Quoted(FromHere(project))}";

    /// <summary>Gets the script's path. A shell looks for a name without a folder elsewhere.</summary>
    private string Script => FromHere(Path.Combine(Repository!, Command)) is var path && path == Command ? Path.Combine(".", path) : path;

    private string FromHere(string path)
    {
        var fromHere = Path.GetRelativePath(Current, path);
        return fromHere.Length < path.Length ? fromHere : path;
    }

    private static string Quoted(string path) => path.Contains(' ', StringComparison.Ordinal) ? $"\"{path}\"" : path;

    /// <summary>The program's own name differs from the command's, and its dot is not an extension.</summary>
    private bool IsCalled(string name) => Path.GetFileName(Process ?? "") is var file
        && (file.Equals(name, StringComparison.OrdinalIgnoreCase) || file.Equals(name + ".exe", StringComparison.OrdinalIgnoreCase));
}
