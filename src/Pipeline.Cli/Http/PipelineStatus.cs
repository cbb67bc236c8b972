namespace Pipeline.Cli.Http;

internal sealed record PipelineStatus(
    long BlockedSubjects,
    long OpenDeadLetters,
    long Quarantined,
    long Unpublished,
    double? OldestUnpublishedSeconds,
    IReadOnlyList<ContainerStatus>? Containers,
    long? WaitingForRetry = null,
    BrokerStatus? Broker = null,
    long Damaged = 0);
