namespace Pipeline.Cli.Broker;

internal sealed record SentMessage(string Body, string? SessionId, string? MessageId, string? ContentType, IReadOnlyDictionary<string, string> Properties);
