using Pipeline.Ledger;
using Pipeline.Partitions;

namespace Pipeline.Consumers;

/// <content>Rule 6 for a handler that keeps failing: the ledger entry says how.</content>
public sealed partial class ConsumerRunner
{
    /// <summary>
    /// Whether a failure is the last that is allowed: at the delivery that the limit names, or, where nobody counts
    /// deliveries, when the event has become too old; one without a time is
    /// its sender's to give up. (A handler that never returns is given up before its next run.)
    /// </summary>
    private bool IsLastFailure(Arrival arrival)
    {
        if (arrival.Delivery.DeliveryCount > 0)
            return arrival.Delivery.DeliveryCount >= _options.MaxDeliveries || (_consumer.IsOrderFree && arrival.Delivery.ReplayOf is not null);
        return arrival.Message!.Time is { } time && _clock.GetUtcNow() - time > _options.GiveUpAge;
    }

    /// <summary>Gives up, unless the partition has moved on so that the rules say something else; then the message is delivered once more.</summary>
    private async Task<Settlement?> GiveUpFailedAsync(Arrival arrival, Exception e, CancellationToken cancellationToken)
    {
        for (var round = 1; round <= MaxRounds; round++)
        {
            try
            {
                using var read = await _store.ReadAsync(arrival.Partition, head => RecordsOf(arrival, head), cancellationToken);
                var position = read.Head.Of(_consumer.Name);
                var replayed = arrival.Delivery.ReplayOf is { } id ? read.Find(id, RecordJson.Default.LedgerEntry) : null;
                var isReplay = arrival.Delivery.ReplayOf is not null;
                if (read.Find(arrival.InboxId) is not null
                    || (isReplay ? replayed is not { Open: true } || replayed.Attempt > arrival.Delivery.ReplayAttempt : read.Find(arrival.EntryId) is not null)
                    || (!isReplay && position.Blocked is not null)
                    || arrival.WhyTooLate(_consumer, position, isReplay, _clock.GetUtcNow(), _options) is not null)
                    return null;
                var description = $"{e.GetType().Name}: {e.Message}\n{e.StackTrace}";
                if (await GiveUpAsync(arrival, read.Head, replayed, Reasons.AttemptsExhausted, description, !_consumer.IsOrderFree, cancellationToken) is { } settlement)
                    return settlement;
            }
            catch (StoreUnavailableException)
            {
                return null;
            }
        }

        return null;
    }
}
