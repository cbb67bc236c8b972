namespace Pipeline.Cli.Http;

internal sealed record SentMessage(string Body, string? SessionId, string? MessageId, string? ContentType, IReadOnlyDictionary<string, string> Properties);
