using Pipeline.Storage;

namespace Pipeline.Consumers;

/// <summary>Rule 7: failures that are not the message's own. The message waits a little, and is then returned to the broker, in its order.</summary>
internal sealed class StoreOutages
{
    private readonly ConsumerName _consumer;
    private readonly IPartitionStore _store;
    private readonly TimeProvider _clock;
    private readonly IConsumerObserver _observer;
    private readonly Backoff _redelivery;

    public StoreOutages(ConsumerName consumer, IPartitionStore store, ConsumerServices services, IConsumerObserver observer)
    {
        _consumer = consumer;
        _store = store;
        _clock = services.Clock;
        _observer = observer;
        _redelivery = services.RedeliveryPauses();
    }

    /// <summary>
    /// Waits before the next attempt, while the host renews the lock. A settlement ends the handling: the time is used up, or the host is
    /// stopping. Never return unsettled: the host would continue with the next message of the session.
    /// </summary>
    public async Task<Settlement?> WaitAsync(ParsedMessage message, StoreTimeout timeout, Exception exception, int attempt, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
            return Settlement.GiveBack;
        if (timeout.EndIfUsedUp())
        {
            _observer.GivenBack(message, exception);
            await _store.NoteAsync(HandlingProblem.GivenBack(message.Partition, _consumer, exception, _clock.GetUtcNow()), cancellationToken);
            return Settlement.GiveBack;
        }

        await PauseAsync(attempt, cancellationToken);
        return cancellationToken.IsCancellationRequested ? Settlement.GiveBack : null;
    }

    /// <summary>The partition is too damaged to keep a dead letter: the message stays in the broker, and the damage is noted, so that it is listed.</summary>
    public async Task<Settlement> GiveBackDamagedAsync(ParsedMessage message, DamagedPartitionException damage, CancellationToken cancellationToken)
    {
        _observer.Damaged(message, damage);
        await _store.NoteAsync(HandlingProblem.Damage(damage, _consumer, _clock.GetUtcNow()), cancellationToken);
        await PauseAsync(_redelivery.Attempts, cancellationToken);
        return Settlement.GiveBack;
    }

    /// <summary>Without delayed retries: the broker delivers the message again. It does so at once, so the pause is here, under lock renewal.</summary>
    public async Task<Settlement> AbandonAsync(ParsedMessage message, Exception exception, CancellationToken cancellationToken)
    {
        _observer.Abandoned(message, exception);
        await PauseAsync(message.Received.CountedDeliveries, cancellationToken);
        return Settlement.Abandon;
    }

    /// <summary>The longest pauses, one after the other, for about that time.</summary>
    public async Task PauseForAsync(TimeSpan duration, CancellationToken cancellationToken)
    {
        for (var started = _clock.GetTimestamp(); _clock.GetElapsedTime(started) < duration && !cancellationToken.IsCancellationRequested;)
            await PauseAsync(_redelivery.Attempts, cancellationToken);
    }

    private Task PauseAsync(int attempt, CancellationToken cancellationToken) => _redelivery.PauseQuietlyAsync(attempt, cancellationToken);
}
