namespace Pipeline.Cli.Sample;

internal sealed record OrderEvent(long Version, string Type, DateTimeOffset Time, string? CausationId);
