namespace Pipeline.Cli.Http;

internal sealed record EventEdit(string EventId, string? Source, IReadOnlyList<EditedEntry> Items, int EditedCount);
