namespace Pipeline.Cli.Http;

internal sealed record ReplayGroup(string Fingerprint, string? Summary, long Subjects, long Entries);
