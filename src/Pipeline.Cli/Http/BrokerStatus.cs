namespace Pipeline.Cli.Http;

/// <summary>The messages in the broker; <see langword="null"/> if the pipeline does not report them.</summary>
internal sealed record BrokerStatus(DateTimeOffset LookedAt, string? Error, long Waiting, IReadOnlyList<QueueStatus>? Queues);
