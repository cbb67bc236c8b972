namespace Pipeline.Cli.Http;

internal sealed record RefusedEdit(string Container, string Partition, string Id, string Reason, string? Path);
