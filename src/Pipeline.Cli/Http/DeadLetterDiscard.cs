namespace Pipeline.Cli.Http;

internal sealed record DeadLetterDiscard(DateTimeOffset? At, string? By, string? Reason);
