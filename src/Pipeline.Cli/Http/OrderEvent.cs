namespace Pipeline.Cli.Http;

internal sealed record OrderEvent(long Version, string Type, DateTimeOffset Time, string? CausationId);
