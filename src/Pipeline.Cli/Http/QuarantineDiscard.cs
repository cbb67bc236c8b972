namespace Pipeline.Cli.Http;

internal sealed record QuarantineDiscard(DateTimeOffset? At, string? By, string? Reason);
