namespace Pipeline.Cli.Adding;

/// <summary>A file to write.</summary>
/// <param name="Path">Its path from the application's folder, with slashes.</param>
/// <param name="Text">What is in it, with line feeds only.</param>
internal sealed record NewFile(string Path, string Text);
