namespace Pipeline.Cli.Http;

internal sealed record ReplaySubject(
    int Number, string? Container, string? Partition, string? Consumer, string? Entry, string? Type, string? Reason, long Waiting, string? Status, string? Detail, long Sent);
