namespace Pipeline.Cli.Http;

internal sealed record Page<T>(IReadOnlyList<T> Items, string? Continuation);
