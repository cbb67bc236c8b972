namespace Pipeline.Cli.Http;

internal sealed record Health(string? Status);
