namespace Pipeline.Cli.Http;

internal sealed record WaitingMessage(string? MessageId, string? Type, string? Subject, DateTimeOffset Since, long Deliveries);
