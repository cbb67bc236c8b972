using Microsoft.Extensions.Logging;
using Pipeline.DeadLetters;
using Pipeline.Messages;
using Pipeline.Storage;
using Pipeline.Payloads;

namespace Pipeline.Consumers;

/// <summary>
/// Empties a consumer's dead-letter queue. Our own dead letters are in the ledger already; what the broker itself
/// dead-lettered (filter error, missing session, delivery count after all) gets its entry, and its block, here.
/// </summary>
public sealed class DeadLetterQueueProcessor
{
    private const int MaxRounds = 50;

    /// <summary>What the broker says of a message that it delivered too often.</summary>
    private const string TooManyDeliveries = "MaxDeliveryCountExceeded";

    private const string Outlasted = "It was given back for reasons that were not its own until the broker's deliveries were used up.";

    private readonly Consumer _consumer;
    private readonly PartitionStore _store;
    private readonly MessageCatalog _catalog;
    private readonly ConsumerOptions _options;
    private readonly ClaimCheck _claimCheck;
    private readonly TimeProvider _clock;
    private readonly Random _random;
    private readonly DeadLetterStore _ledger;
    private readonly Backoff _pauses;
    private readonly ILogger _log;

    /// <summary>Creates the intake of one consumer.</summary>
    public DeadLetterQueueProcessor(
        Consumer consumer,
        PartitionStore store,
        MessageCatalog catalog,
        ConsumerOptions options,
        ClaimCheck claimCheck,
        TimeProvider clock,
        Random random,
        ILogger<DeadLetterQueueProcessor> log)
    {
        _consumer = consumer;
        _store = store;
        _catalog = catalog;
        _options = options;
        _claimCheck = claimCheck;
        _clock = clock;
        _random = random;
        _log = log;
        _pauses = new Backoff(clock, random) { First = options.FirstRedeliveryPause, Longest = options.LongestRedeliveryPause };
        _ledger = new DeadLetterStore(consumer, store, clock, log);
    }

    /// <summary>
    /// Takes one message from the dead-letter queue. No message can defeat it: what cannot be read is kept as bytes. Without the
    /// store it waits a while and leaves the message in its queue, which has no limit of deliveries.
    /// </summary>
    public async Task<Settlement> HandleAsync(ReceivedMessage delivery, CancellationToken cancellationToken)
    {
        var arrival = ParsedMessage.Read(_consumer, delivery, _catalog);
        var patience = new StoreTimeout(_clock, _options.StoreOutageTimeout);
        for (var attempt = 1; !cancellationToken.IsCancellationRequested; attempt++)
        {
            try
            {
                return await HandleOnceAsync(arrival, cancellationToken) ? Settlement.Complete : Settlement.Abandon;
            }
            catch (Exception) when (cancellationToken.IsCancellationRequested)
            {
                // Shutting down: it stays in its queue.
            }
            catch (DamagedPartitionException e)
            {
                _log.LogError(e, "{Consumer}: the dead letter {MessageId} cannot be taken in; it stays in its queue. {Damage}", _consumer.Name, delivery.MessageId, e.Message);
                await _store.NoteDamageAsync(e, _consumer.Name, _clock.GetUtcNow(), cancellationToken);
                await PauseLongAsync(cancellationToken);
                break;
            }
            catch (Exception e) when (patience.EndIfUsedUp())
            {
                _log.LogError(e, "{Consumer}: the dead letter {MessageId} cannot be taken in; it stays in its queue.", _consumer.Name, delivery.MessageId);
                break;
            }
            catch (Exception e)
            {
                // Not left to the broker, which would deliver it again at once.
                _log.LogDebug(e, "{Consumer}: the dead letter {MessageId} cannot be taken in now.", _consumer.Name, delivery.MessageId);
                await PauseAsync(attempt, cancellationToken);
            }
        }

        return Settlement.Abandon;
    }

    private async Task PauseAsync(int attempt, CancellationToken cancellationToken)
    {
        try
        {
            await _pauses.PauseAsync(attempt, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // The loop looks at the token next.
        }
    }

    private async Task<bool> HandleOnceAsync(ParsedMessage arrival, CancellationToken cancellationToken)
    {
        // Which partitions it concerns may stand in data that is kept elsewhere.
        if (_consumer.IsUnordered)
            await arrival.ResolveAsync(_consumer, _catalog, _claimCheck, cancellationToken);
        var done = true;
        foreach (var part in arrival.Parts())
            done &= await HandlePartAsync(part, cancellationToken);
        return done;
    }

    /// <summary>What is abandoned comes again at once.</summary>
    private async Task PauseLongAsync(CancellationToken cancellationToken)
    {
        try
        {
            await Task.Delay(_options.LongestRedeliveryPause, _clock, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // Shutting down.
        }
    }

    private async Task<bool> HandlePartAsync(ParsedMessage arrival, CancellationToken cancellationToken)
    {
        for (var round = 1; round <= MaxRounds; round++)
        {
            if (await HandlePartOnceAsync(arrival, cancellationToken))
                return true;
        }

        return false;
    }

    private async Task<bool> HandlePartOnceAsync(ParsedMessage arrival, CancellationToken cancellationToken)
    {
        var delivery = arrival.Received;
        using var read = await _store.ReadAsync(
            arrival.Partition, _ => [arrival.InboxId, arrival.EntryId, delivery.ReplayOf ?? arrival.EntryId], cancellationToken);
        var head = read.Head;
        var handled = read.Find(arrival.InboxId) is not null;

        if (delivery.ReplayOf is not null)
        {
            var replayed = read.Find(delivery.ReplayOf, RecordJson.Default.DeadLetter);
            if (replayed is not { Open: true } || (!handled && replayed.Attempt > delivery.ReplayAttempt))
                return true;
            var outcome = handled
                ? await _ledger.CloseAlreadyHandledAsync(head, replayed, cancellationToken)
                : HoldOf(delivery) is { } again
                ? await _ledger.FailAgainAsync(head, replayed, delivery.DeadLetterReason!, Outlasted, again, cancellationToken)
                : await _ledger.RaiseAttemptAsync(head, replayed, $"the broker dead-lettered the replay: {delivery.DeadLetterReason}", cancellationToken);
            return outcome == CommitOutcome.Committed;
        }

        // An entry that cannot be read keeps nothing: the message stays in its queue.
        if (handled || read.Find(arrival.EntryId, RecordJson.Default.DeadLetter) is not null)
            return true;
        return await AddAsync(arrival, head, cancellationToken) != CommitOutcome.Moved;
    }

    private Task<CommitOutcome> AddAsync(ParsedMessage arrival, PartitionHead head, CancellationToken cancellationToken)
    {
        var reason = arrival.Received.DeadLetterReason ?? arrival.Poison?.Reason ?? DeadLetterReasons.AttemptsExhausted;
        var description = arrival.Received.DeadLetterDescription ?? arrival.Poison?.Description ?? "Dead-lettered by the broker.";
        var inOrder = !_consumer.IsUnordered;
        var error = arrival.Rule2Error(_consumer, head.Of(_consumer.Name), isReplay: false, _clock.GetUtcNow(), _options);
        var hold = error is null ? HoldOf(arrival.Received) : null;
        if (error is { } e)
        {
            inOrder &= e.Reason == DeadLetterReasons.DatedAhead;
            (reason, description) = (e.Reason, $"{e.Description} The broker had dead-lettered it ({reason}): {description}");
        }
        else if (hold is not null)
        {
            // What waits behind another one finds that out when it is due, and waits on.
            description = $"{Outlasted} {description}";
        }

        return _ledger.AddAsync(arrival, head, reason, description, inOrder, cancellationToken, hold);
    }

    /// <summary>
    /// When a message is tried again by itself that the broker gave up although it was not at fault: an outage of Cosmos DB
    /// outlasted the broker's deliveries. Otherwise <see langword="null"/>: it waits for an operator.
    /// </summary>
    private DelayedRetry? HoldOf(ReceivedMessage delivery)
    {
        var limit = _consumer.IsUnordered ? _options.MaxDeliveriesUnordered : _options.MaxDeliveries;
        if (delivery.DeadLetterReason != TooManyDeliveries || delivery.CountedWhenGivenBack is not { } counted || counted > limit)
            return null;
        double share;
        lock (_random)
            share = _random.NextDouble();
        return new DelayedRetry(_clock.GetUtcNow() + ((_consumer.RetrySchedule ?? _options.Retry).BoundOf(1) * share), 0);
    }
}
