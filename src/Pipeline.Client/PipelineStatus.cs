namespace Pipeline.Client;

/// <summary>What is blocked, dead-lettered, quarantined and unpublished in all containers, and what waits in the broker.</summary>
/// <param name="BlockedSubjects">Subjects that are blocked, counted per consumer.</param>
/// <param name="OpenDeadLetters">Dead letters that wait for an operator, what waits behind one included.</param>
/// <param name="WaitingForRetry">Messages that continue without an operator: delayed retries, and the messages behind them.</param>
/// <param name="Quarantined">Quarantined outbox messages.</param>
/// <param name="Unpublished">Outbox messages, the quarantined ones included.</param>
/// <param name="OldestUnpublishedSeconds">Age of the oldest of them, in seconds; 0 if there is none.</param>
/// <param name="Damaged">Partitions of which records are missing or cannot be read, as far as that was found.</param>
/// <param name="Containers">The same for each container.</param>
/// <param name="Broker">What waits in the broker.</param>
public sealed record PipelineStatus(
    int BlockedSubjects, int OpenDeadLetters, int WaitingForRetry, int Quarantined, int Unpublished, double OldestUnpublishedSeconds, int Damaged,
    IReadOnlyList<ContainerStatus> Containers,
    BrokerStatus Broker);
