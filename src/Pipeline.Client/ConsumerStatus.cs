namespace Pipeline.Client;

/// <summary>How one consumer is doing.</summary>
/// <param name="Consumer">Its name.</param>
/// <param name="BlockedSubjects">Subjects that are blocked, by a delayed retry or by a dead letter.</param>
/// <param name="OldestBlockedSince">Since when the oldest message waits that blocks a subject, or waits behind one that does; <see langword="null"/> if none does.</param>
/// <param name="OpenDeadLetters">Dead letters that wait for an operator, what waits behind one included.</param>
/// <param name="WaitingForRetry">Messages that continue without an operator: delayed retries, and the messages behind them.</param>
public sealed record ConsumerStatus(string Consumer, int BlockedSubjects, DateTimeOffset? OldestBlockedSince, int OpenDeadLetters, int WaitingForRetry);
