namespace Pipeline.Cli.Http;

internal sealed record PipelineStatus(
    long BlockedSubjects,
    long OpenDeadLetters,
    long Parked,
    long Unpublished,
    double? OldestUnpublishedSeconds,
    IReadOnlyList<ContainerStatus>? Containers,
    long? Held = null,
    BrokerStatus? Broker = null,
    long Damaged = 0);
