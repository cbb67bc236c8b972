namespace Pipeline.Cli.Http;

/// <summary>What waits in the broker; <see langword="null"/> from a pipeline that does not tell.</summary>
internal sealed record BrokerStatus(DateTimeOffset LookedAt, string? Error, long Waiting, IReadOnlyList<QueueStatus>? Queues);
