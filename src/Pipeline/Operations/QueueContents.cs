using Pipeline.Client;

namespace Pipeline.Operations;

/// <summary>The queue or subscription of one consumer, with the messages that were looked at.</summary>
/// <param name="Status">What operators see of it.</param>
/// <param name="Messages">The messages that wait, the oldest first.</param>
/// <param name="DeadLetters">Those of its dead-letter queue, the oldest first.</param>
public sealed record QueueContents(QueueStatus Status, IReadOnlyList<WaitingMessage> Messages, IReadOnlyList<WaitingMessage> DeadLetters);
