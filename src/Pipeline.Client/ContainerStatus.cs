namespace Pipeline.Client;

/// <summary>How one container is doing.</summary>
/// <param name="Container">Its name.</param>
/// <param name="BlockedSubjects">Subjects that are blocked at one of its consumers, counted per consumer.</param>
/// <param name="OpenDeadLetters">Dead letters that wait for an operator, what waits behind one included.</param>
/// <param name="WaitingForRetry">Messages that continue without an operator: delayed retries, and the messages behind them.</param>
/// <param name="Quarantined">Quarantined outbox messages.</param>
/// <param name="Unpublished">Outbox messages, the quarantined ones included.</param>
/// <param name="OldestUnpublishedSeconds">Age of the oldest of them, in seconds; 0 if there is none.</param>
/// <param name="Damaged">Partitions of which records are missing or cannot be read, as far as that was found.</param>
/// <param name="Consumers">Its consumers that have open dead letters.</param>
public sealed record ContainerStatus(
    string Container, int BlockedSubjects, int OpenDeadLetters, int WaitingForRetry, int Quarantined, int Unpublished, double OldestUnpublishedSeconds, int Damaged,
    IReadOnlyList<ConsumerStatus> Consumers);
