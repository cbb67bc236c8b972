namespace Pipeline.Cli.Adding;

/// <summary>What is added to an application.</summary>
/// <param name="Files">The files to write; none of them may be there.</param>
/// <param name="IsComplete">Whether what follows from them can be generated at once. If not, something has to be written by hand before.</param>
/// <param name="Next">What to do next, one step each.</param>
internal sealed record Addition(IReadOnlyList<NewFile> Files, bool IsComplete, IReadOnlyList<string> Next);
