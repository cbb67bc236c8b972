namespace Pipeline.Cli.Http;

internal sealed record ContainerStatus(
    string Container, long BlockedSubjects, long OpenDeadLetters, long Quarantined, long Unpublished, double? OldestUnpublishedSeconds,
    long? WaitingForRetry = null, IReadOnlyList<ConsumerStatus>? Consumers = null, long Damaged = 0);
