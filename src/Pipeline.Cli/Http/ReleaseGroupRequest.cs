namespace Pipeline.Cli.Http;

internal sealed record ReleaseGroupRequest(string? Reason, string? Type, DateTimeOffset? Before);
