namespace Pipeline.Cli;

/// <summary>The limits of a file of documents, in bytes.</summary>
/// <param name="Document">Of one document.</param>
/// <param name="Line">Of one line, the documents of JSON Lines.</param>
/// <param name="All">Of all lines together.</param>
internal readonly record struct DocumentLimits(int Document, int Line, long All)
{
    public static DocumentLimits Standard { get; } = new(64 * 1024 * 1024, 1024 * 1024, 1024L * 1024 * 1024);
}
