namespace Pipeline.Generation;

/// <summary>A file as the definitions have it.</summary>
/// <param name="Path">Its path from the application's folder, with slashes.</param>
/// <param name="Text">What belongs into it, with line feeds only; <see langword="null"/> if there must be no such file.</param>
internal sealed record GeneratedFile(string Path, string? Text);
