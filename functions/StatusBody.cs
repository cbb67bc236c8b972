using Pipeline.Operations;

namespace Pipeline.Functions;

internal sealed record StatusBody(
    int BlockedSubjects, int OpenDeadLetters, int Held, int Parked, int Unpublished, double OldestUnpublishedSeconds, int Damaged,
    IReadOnlyList<ContainerStatus> Containers,
    BrokerStatus Broker);
