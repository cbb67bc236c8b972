namespace Pipeline.Cli.Http;

internal sealed record DeadLetterFollower(string? Id, string? Type, long? Sequence, string? Reason);
