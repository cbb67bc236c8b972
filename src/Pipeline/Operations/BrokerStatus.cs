namespace Pipeline.Operations;

/// <summary>What waits in the broker, as it was looked at a moment ago.</summary>
/// <param name="LookedAt">When.</param>
/// <param name="Error">Why nothing, or not all, could be seen; <see langword="null"/> if all could.</param>
/// <param name="Waiting">Messages that wait, over all queues; at least so many.</param>
/// <param name="Queues">One for each consumer.</param>
public sealed record BrokerStatus(DateTimeOffset LookedAt, string? Error, int Waiting, IReadOnlyList<QueueStatus> Queues)
{
    /// <summary>The queue of a consumer; <see langword="null"/> if it was not looked at.</summary>
    public QueueStatus? Of(string consumer) => Queues.FirstOrDefault(q => q.Consumer == consumer);
}
