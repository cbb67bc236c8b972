using Microsoft.Extensions.Logging;
using Pipeline.DeadLetters;
using Pipeline.Storage;

namespace Pipeline.Consumers;

/// <content>Rules 5 and 6 for a handler that keeps failing: the message is held until it is due again, or given up.</content>
public sealed partial class ConsumerRunner
{
    /// <summary>
    /// Without a schedule: whether a failure is the last that is allowed: at the delivery that the limit names, or, where nobody
    /// counts deliveries, when the event has become too old; one without a time is
    /// its sender's to give up. (A handler that never returns is given up before its next run.)
    /// </summary>
    private bool IsLastFailure(ParsedMessage arrival)
    {
        if (arrival.Received.DeliveryCount > 0)
            return arrival.Received.CountedDeliveries >= _options.MaxDeliveries || (_consumer.IsUnordered && arrival.Received.ReplayOf is not null);
        return arrival.Message!.Time is { } time && _clock.GetUtcNow() - time > _options.GiveUpAge;
    }

    /// <summary>Without a schedule: the broker delivers it again.</summary>
    private async Task<Settlement> AbandonAsync(ParsedMessage arrival, Exception e, CancellationToken cancellationToken)
    {
        _log.LogWarning(
            e, "{Consumer}: delivery {Delivery} of {EventId} failed; it will be delivered again.",
            _consumer.Name, arrival.Received.DeliveryCount, arrival.Message?.Id);

        // An abandoned message is delivered again at once, so the pause is here, under lock renewal.
        await PauseAsync(_redelivery, arrival.Received.CountedDeliveries, cancellationToken);
        return Settlement.Abandon;
    }

    /// <summary>
    /// Holds or gives up, unless the partition has moved on so that the rules say something else: <see langword="null"/>, and the
    /// rules start again. A store that is out of reach is waited for here, so that the handler does not run again, to no other end.
    /// </summary>
    private async Task<Settlement?> PutAwayAsync(ParsedMessage arrival, Exception e, StoreTimeout patience, CancellationToken cancellationToken)
    {
        var (rounds, outages) = (0, 0);
        while (rounds++ < MaxRounds)
        {
            try
            {
                using var read = await _store.ReadAsync(arrival.Partition, head => RecordsOf(arrival, head), cancellationToken);
                var position = read.Head.Of(_consumer.Name);
                var replayed = arrival.Received.ReplayOf is { } id ? read.Find(id, RecordJson.Default.DeadLetter) : null;
                var isReplay = arrival.Received.ReplayOf is not null;
                if (read.Find(arrival.InboxId) is not null
                    || (isReplay ? !IsReplayed(replayed, arrival.Received, position) : read.Find(arrival.EntryId) is not null || position.Blocked is not null)
                    || arrival.Rule2Error(_consumer, position, isReplay, _clock.GetUtcNow(), _options) is not null)
                    return null;
                if (await PutAwayAsync(arrival, read.Head, replayed, e, cancellationToken) is { } settlement)
                    return settlement;
            }
            catch (DamagedPartitionException failure)
            {
                return await DamagedAsync(arrival, failure, cancellationToken);
            }
            catch (Exception failure)
            {
                rounds--;
                if (await WaitAsync(arrival, patience, failure, ++outages, cancellationToken) is { } given)
                    return given;
            }
        }

        return null;
    }

    /// <summary>
    /// The damage is such that the partition itself can keep no dead letter. The message stays in the broker, in its order; the
    /// damage is noted, so that it is listed, and the next try comes after a pause.
    /// </summary>
    private async Task<Settlement> DamagedAsync(ParsedMessage arrival, DamagedPartitionException damage, CancellationToken cancellationToken)
    {
        _log.LogError(damage, "{Consumer}: {EventId} cannot be handled. {Damage} It stays in the broker.", _consumer.Name, arrival.Message?.Id, damage.Message);
        await _store.NoteDamageAsync(damage, _consumer.Name, _clock.GetUtcNow(), cancellationToken);
        await PauseAsync(_redelivery, _redelivery.Attempts, cancellationToken);
        return Settlement.GiveBack;
    }

    /// <summary>Whether the entry is still the one that a replay is to handle.</summary>
    private static bool IsReplayed(DeadLetter? entry, ReceivedMessage delivery, ConsumerPosition position) =>
        entry is { Open: true } && entry.Attempt <= delivery.ReplayAttempt && (!entry.InOrder || position.Blocked == entry.Id);

    private async Task<Settlement?> PutAwayAsync(ParsedMessage arrival, PartitionHead head, DeadLetter? replayed, Exception e, CancellationToken cancellationToken)
    {
        var (reason, retries, hold) = NextOf(replayed, e);
        var description = e is GatewayUnavailableException or DamagedPartitionException ? e.Message : $"{e.GetType().Name}: {e.Message}\n{e.StackTrace}";
        if (replayed is not null)
        {
            replayed.Retries = retries;
            var raised = await _ledger.FailAgainAsync(head, replayed, reason, description, hold, cancellationToken);
            return raised == CommitOutcome.Committed ? Settlement.Complete : null;
        }

        var outcome = await _ledger.AddAsync(arrival, head, reason, description, !_consumer.IsUnordered, cancellationToken, hold);
        return outcome == CommitOutcome.Moved ? null : Settlement.DeadLetter(reason, description);
    }

    /// <summary>When the message is tried again, and why it is not handled now; no hold where its retries are used up.</summary>
    private (string Reason, int Retries, DelayedRetry? Hold) NextOf(DeadLetter? entry, Exception e)
    {
        var now = _clock.GetUtcNow();
        var retries = entry?.Retries ?? 0;
        if (e is GatewayUnavailableException gateway)
        {
            // Shortly after the breaker may close. What finds it open again and again spreads out: only one call may try then.
            var waits = (entry?.Waits ?? 0) + 1;
            var spread = Math.Min(_breakers!.Options.LongestSpread.Ticks, _breakers.Options.BreakDuration.Ticks * Math.Pow(2, Math.Min(waits - 1, 40)));
            return (DeadLetterReasons.GatewayUnavailable, retries, new DelayedRetry(now + gateway.RetryAfter + PartOf(TimeSpan.FromTicks((long)spread)), waits));
        }

        if (e is DamagedPartitionException)
            return (DeadLetterReasons.DamagedPartition, retries, null);

        // What waited behind another message was not tried yet.
        if (entry is not null && entry.Reason != DeadLetterReasons.BlockedByPredecessor)
            retries++;
        return retries < _schedule.Attempts
            ? (DeadLetterReasons.TransientFailure, retries, new DelayedRetry(now + PartOf(_schedule.BoundOf(retries + 1)), 0))
            : (DeadLetterReasons.AttemptsExhausted, retries, null);
    }

    /// <summary>Full jitter.</summary>
    private TimeSpan PartOf(TimeSpan bound)
    {
        lock (_random)
            return bound * _random.NextDouble();
    }

    /// <summary>A replay whose entry is not the first of its line. If it was held, it waits behind the one that is.</summary>
    private async Task<Settlement?> OutOfTurnAsync(PartitionHead head, DeadLetter entry, string? blocker, CancellationToken cancellationToken)
    {
        var outcome = await _ledger.RaiseAttemptAsync(
            head, entry, $"replayed out of turn, behind '{blocker}'; not handled", cancellationToken, heldFor: DeadLetterReasons.BlockedByPredecessor);
        return outcome == CommitOutcome.Committed ? Settlement.Complete : null;
    }

    /// <summary>
    /// A failure that trying again cannot mend. The head in memory was changed while deciding, so it is read again; if the
    /// partition has moved on meanwhile, the failure was decided on something that is no longer true.
    /// </summary>
    private async Task<Settlement?> FailedAsync(
        ParsedMessage arrival, DeadLetter? replayed, string? decidedOn, Exception e, CancellationToken cancellationToken)
    {
        using var read = await _store.ReadAsync(arrival.Partition, head => RecordsOf(arrival, head), cancellationToken);
        if (read.Head.ETag != decidedOn)
            return null;
        var head = read.Head;
        var entry = replayed is null ? null : read.Find(replayed.Id, RecordJson.Default.DeadLetter);
        return await GiveUpAsync(arrival, head, entry, DeadLetterReasons.HandlerFailed, $"{e.GetType().Name}: {e.Message}\n{e.StackTrace}", !_consumer.IsUnordered, cancellationToken);
    }

    /// <summary>Rule 6: ledger entry and block in one batch, then the dead-letter queue. A failed replay raises its entry's attempt instead.</summary>
    private async Task<Settlement?> GiveUpAsync(
        ParsedMessage arrival, PartitionHead head, DeadLetter? replayed, string reason, string description, bool inOrder, CancellationToken cancellationToken)
    {
        CommitOutcome outcome;
        if (replayed is not null)
        {
            // Too late is not what it failed of, so it keeps its reason.
            outcome = reason is DeadLetterReasons.OutOfOrder or DeadLetterReasons.Expired
                ? await _ledger.RaiseAttemptAsync(head, replayed, $"{DeadLetterStore.FailedAgain}{reason}: {description}", cancellationToken)
                : await _ledger.FailAgainAsync(head, replayed, reason, description, null, cancellationToken);
            return outcome == CommitOutcome.Committed ? Settlement.Complete : null;
        }

        outcome = await _ledger.AddAsync(arrival, head, reason, description, inOrder, cancellationToken);
        return outcome == CommitOutcome.Moved ? null : Settlement.DeadLetter(reason, description);
    }

    /// <summary>Tells a handler's or gateway's failure from one of our own store.</summary>
    private sealed class HandlerFailedException(Exception cause) : Exception(cause.Message, cause);
}
