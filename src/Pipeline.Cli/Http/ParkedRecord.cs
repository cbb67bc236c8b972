namespace Pipeline.Cli.Http;

internal sealed record ParkedRecord(
    string Container,
    string Partition,
    long Number,
    string? Reason,
    IReadOnlyList<string>? Types,
    DateTimeOffset? Since,
    long? Followers = null,
    ParkedDiscard? Discarded = null);
