using Pipeline.Client;
using Pipeline.Storage;

namespace Pipeline.Operations;

/// <summary>What waits in the broker, as of a moment ago, with the messages that were looked at.</summary>
/// <param name="LookedAt">When the broker was asked.</param>
/// <param name="Error">Why nothing, or not all, could be seen; <see langword="null"/> if all could.</param>
/// <param name="Queues">One for each consumer.</param>
public sealed record BrokerContents(DateTimeOffset LookedAt, string? Error, IReadOnlyList<QueueContents> Queues)
{
    /// <summary>Gets what operators see of it.</summary>
    public BrokerStatus Status => new(LookedAt, Error, Queues.Sum(q => q.Status.Waiting), [.. Queues.Select(q => q.Status)]);

    /// <summary>The queue of a consumer; <see langword="null"/> if it was not looked at.</summary>
    public QueueContents? Of(ConsumerName consumer) => Queues.FirstOrDefault(q => q.Status.Consumer == consumer.Value);
}
