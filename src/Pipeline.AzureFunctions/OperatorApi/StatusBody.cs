using Pipeline.Client;
using Pipeline.Operations;

namespace Pipeline.AzureFunctions.OperatorApi;

internal sealed record StatusBody(
    int BlockedSubjects, int OpenDeadLetters, int WaitingForRetry, int Quarantined, int Unpublished, double OldestUnpublishedSeconds, int Damaged,
    IReadOnlyList<ContainerStatus> Containers,
    BrokerStatus Broker);
