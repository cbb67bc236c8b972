namespace Pipeline.Cli.Http;

internal sealed record EditedEntry(string Consumer, string Container, string Partition, string Id, string Outcome, string? Reason, string? Path);
