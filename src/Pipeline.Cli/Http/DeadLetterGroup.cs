namespace Pipeline.Cli.Http;

internal sealed record DeadLetterGroup(
    string Fingerprint,
    string? Summary,
    int Count,
    DateTimeOffset? FirstSeen,
    DateTimeOffset? LastSeen,
    IReadOnlyList<string>? Consumers,
    DeadLetterAddress? Sample);
