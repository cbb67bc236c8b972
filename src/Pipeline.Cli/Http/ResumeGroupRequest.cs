namespace Pipeline.Cli.Http;

internal sealed record ResumeGroupRequest(string? Reason, string? Type, DateTimeOffset? Before);
