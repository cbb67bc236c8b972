namespace Pipeline.Client;

/// <summary>What waits in the broker, as of a moment ago.</summary>
/// <param name="LookedAt">When the broker was asked.</param>
/// <param name="Error">Why nothing, or not all, could be seen; <see langword="null"/> if all could.</param>
/// <param name="Waiting">Messages that wait, over all queues; at least so many.</param>
/// <param name="Queues">One for each consumer.</param>
public sealed record BrokerStatus(DateTimeOffset LookedAt, string? Error, int Waiting, IReadOnlyList<QueueStatus> Queues);
