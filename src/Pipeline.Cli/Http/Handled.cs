namespace Pipeline.Cli.Http;

internal sealed record Handled(
    string Container,
    string Partition,
    string Consumer,
    string? Source,
    string? Subject,
    long? Sequence,
    string? EventId,
    string? Type,
    long Commit,
    DateTimeOffset? HandledAt,
    int? Duplicates,
    bool Unordered = false);
