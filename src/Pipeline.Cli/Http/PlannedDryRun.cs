namespace Pipeline.Cli.Http;

internal sealed record PlannedDryRun(int Number, string? Partition, string? Consumer, string? Refused, DryRun? DryRun);
