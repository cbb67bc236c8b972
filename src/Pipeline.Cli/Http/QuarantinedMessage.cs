namespace Pipeline.Cli.Http;

internal sealed record QuarantinedMessage(
    string Container,
    string Partition,
    long Number,
    string? Reason,
    IReadOnlyList<string>? Types,
    DateTimeOffset? Since,
    long? Followers = null,
    QuarantineDiscard? Discarded = null);
