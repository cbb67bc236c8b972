namespace Pipeline.Cli.Http;

internal sealed record ParkedDiscard(DateTimeOffset? At, string? By, string? Reason);
