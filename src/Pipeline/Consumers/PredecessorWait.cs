using Pipeline.Storage;

namespace Pipeline.Consumers;

/// <summary>
/// After a long outage, the broker may have dead-lettered a predecessor of a message for its number of deliveries. Once the store is back, the
/// message lets the function on the dead-letter queue store that predecessor first, so that it finds its subject blocked. A predecessor that
/// comes too late all the same is out of order (rule 2).
/// </summary>
internal sealed class PredecessorWait(IPartitionStore store, TimeProvider clock, StoreOutages outages)
{
    /// <summary>Far below the time that the broker's deliveries last for, so that no long outage is taken for a short one.</summary>
    private static readonly TimeSpan LongOutage = TimeSpan.FromHours(1);

    /// <summary>A few times longer than the pauses of the function on the dead-letter queue.</summary>
    private static readonly TimeSpan DeadLettersFirst = TimeSpan.FromSeconds(15);

    /// <summary>Whether the outage that this delivery met, now or before, may have lasted that long. The message waited behind its predecessor all the time.</summary>
    public bool IsNeeded(ReceivedMessage received, int outagesMet) =>
        (outagesMet > 0 || received.TimesGivenBack > 0)
        && received is { ReplayOf: null, EnqueuedAt: { } enqueuedAt }
        && clock.GetUtcNow() - enqueuedAt > LongOutage;

    /// <summary>Waits until the store is back, and then a little longer.</summary>
    /// <exception cref="StoreUnavailableException">The store is not back yet.</exception>
    public async Task WaitAsync(ParsedMessage message, CancellationToken cancellationToken)
    {
        using (await store.ReadAsync(message.Partition, _ => [], cancellationToken))
            await outages.PauseForAsync(DeadLettersFirst, cancellationToken);
    }
}
