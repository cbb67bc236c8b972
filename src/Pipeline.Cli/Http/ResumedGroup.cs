namespace Pipeline.Cli.Http;

internal sealed record ResumedGroup(long Resumed, bool More, DateTimeOffset Before);
