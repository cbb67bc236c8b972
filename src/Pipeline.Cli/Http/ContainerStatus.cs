namespace Pipeline.Cli.Http;

internal sealed record ContainerStatus(
    string Container, long BlockedSubjects, long OpenDeadLetters, long Parked, long Unpublished, double? OldestUnpublishedSeconds,
    long? Held = null, IReadOnlyList<ConsumerStatus>? Consumers = null, long Damaged = 0);
