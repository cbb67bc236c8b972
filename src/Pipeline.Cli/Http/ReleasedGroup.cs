namespace Pipeline.Cli.Http;

internal sealed record ReleasedGroup(long Released, bool More, DateTimeOffset Before);
