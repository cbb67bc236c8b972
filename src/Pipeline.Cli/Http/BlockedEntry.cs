namespace Pipeline.Cli.Http;

internal sealed record BlockedEntry(
    string Container,
    string Partition,
    string Consumer,
    string? Entry,
    string? Status,
    string? Reason,
    DateTimeOffset? Since,
    DateTimeOffset? RetryAt,
    long Waiting,
    string? Detail = null);
