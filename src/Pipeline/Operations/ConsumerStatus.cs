namespace Pipeline.Operations;

/// <summary>How one consumer is doing.</summary>
/// <param name="Consumer">Its name.</param>
/// <param name="BlockedSubjects">Subjects that are blocked, by a message that waits for a retry or by a dead letter.</param>
/// <param name="OldestBlockedSince">Since when the oldest message waits that blocks a subject, or waits behind one that does; <see langword="null"/> if none does.</param>
/// <param name="OpenDeadLetters">Dead letters that wait for an operator, what waits behind one included.</param>
/// <param name="Held">Messages that continue by themselves: delayed retries, and what waits behind one.</param>
public sealed record ConsumerStatus(string Consumer, int BlockedSubjects, DateTimeOffset? OldestBlockedSince, int OpenDeadLetters, int Held);
