using Microsoft.Extensions.Logging;
using Pipeline.Ledger;
using Pipeline.Messages;
using Pipeline.Partitions;
using Pipeline.Payloads;

namespace Pipeline.Consumers;

/// <summary>
/// Empties a consumer's dead-letter queue. Our own dead letters are in the ledger already; what the broker itself
/// dead-lettered (filter error, missing session, delivery count after all) gets its entry, and its block, here.
/// </summary>
public sealed class Intake
{
    private const int MaxRounds = 50;

    private readonly Consumer _consumer;
    private readonly PartitionStore _store;
    private readonly MessageCatalog _catalog;
    private readonly ConsumerOptions _options;
    private readonly ClaimCheck _claimCheck;
    private readonly TimeProvider _clock;
    private readonly LedgerWriter _ledger;
    private readonly ILogger _log;

    /// <summary>Creates the intake of one consumer.</summary>
    public Intake(
        Consumer consumer, PartitionStore store, MessageCatalog catalog, ConsumerOptions options, ClaimCheck claimCheck, TimeProvider clock, ILogger<Intake> log)
    {
        _consumer = consumer;
        _store = store;
        _catalog = catalog;
        _options = options;
        _claimCheck = claimCheck;
        _clock = clock;
        _log = log;
        _ledger = new LedgerWriter(consumer, store, clock, log);
    }

    /// <summary>Takes one message from the dead-letter queue. No message can defeat it: what cannot be read is kept as bytes.</summary>
    public async Task<Settlement> HandleAsync(Delivery delivery, CancellationToken cancellationToken)
    {
        var arrival = Arrival.Read(_consumer, delivery, _catalog);
        try
        {
            // Which partitions it concerns may stand in data that is kept elsewhere.
            if (_consumer.IsOrderFree)
                await arrival.ResolveAsync(_consumer, _catalog, _claimCheck, cancellationToken);
            var done = true;
            foreach (var part in arrival.Parts())
                done &= await HandlePartAsync(part, cancellationToken);
            if (done)
                return Settlement.Complete;
        }
        catch (StoreUnavailableException e)
        {
            _log.LogError(e, "{Consumer}: Cosmos DB is out of reach; the dead letter stays in its queue.", _consumer.Name);
        }
        catch (DamagedPartitionException e)
        {
            _log.LogError(e, "{Consumer}: the dead letter {MessageId} cannot be taken in; it stays in its queue. {Damage}", _consumer.Name, delivery.MessageId, e.Message);
            await _store.NoteDamageAsync(e, _consumer.Name, _clock.GetUtcNow(), cancellationToken);
            await PauseAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Shutting down: it stays in its queue.
        }
        catch (Exception e)
        {
            _log.LogError(e, "{Consumer}: the dead letter {MessageId} cannot be taken in; it stays in its queue.", _consumer.Name, delivery.MessageId);
        }

        return Settlement.Abandon;
    }

    /// <summary>What is abandoned comes again at once.</summary>
    private async Task PauseAsync(CancellationToken cancellationToken)
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

    private async Task<bool> HandlePartAsync(Arrival arrival, CancellationToken cancellationToken)
    {
        for (var round = 1; round <= MaxRounds; round++)
        {
            if (await HandleOnceAsync(arrival, cancellationToken))
                return true;
        }

        return false;
    }

    private async Task<bool> HandleOnceAsync(Arrival arrival, CancellationToken cancellationToken)
    {
        var delivery = arrival.Delivery;
        using var read = await _store.ReadAsync(
            arrival.Partition, _ => [arrival.InboxId, arrival.EntryId, delivery.ReplayOf ?? arrival.EntryId], cancellationToken);
        var head = read.Head;
        var handled = read.Find(arrival.InboxId) is not null;

        if (delivery.ReplayOf is not null)
        {
            var replayed = read.Find(delivery.ReplayOf, RecordJson.Default.LedgerEntry);
            if (replayed is not { Open: true } || (!handled && replayed.Attempt > delivery.ReplayAttempt))
                return true;
            var outcome = handled
                ? await _ledger.CloseAlreadyHandledAsync(head, replayed, cancellationToken)
                : await _ledger.RaiseAttemptAsync(head, replayed, $"the broker dead-lettered the replay: {delivery.DeadLetterReason}", cancellationToken);
            return outcome == CommitOutcome.Committed;
        }

        // An entry that cannot be read keeps nothing: the message stays in its queue.
        if (handled || read.Find(arrival.EntryId, RecordJson.Default.LedgerEntry) is not null)
            return true;
        return await AddAsync(arrival, head, cancellationToken) != CommitOutcome.Moved;
    }

    private Task<CommitOutcome> AddAsync(Arrival arrival, Head head, CancellationToken cancellationToken)
    {
        var message = arrival.Message;
        var reason = arrival.Delivery.DeadLetterReason ?? arrival.Poison?.Reason ?? Reasons.AttemptsExhausted;
        var description = arrival.Delivery.DeadLetterDescription ?? arrival.Poison?.Description ?? "Dead-lettered by the broker.";
        var inOrder = !_consumer.IsOrderFree;
        if (inOrder && message?.Sequence is { } sequence)
        {
            var handled = head.Of(_consumer.Name).Handled.GetValueOrDefault(message.Source);
            if (sequence <= handled)
                (reason, description, inOrder) = (Reasons.OutOfOrder, $"Dead-lettered by the broker ({reason}) and overtaken by {handled}: {description}", false);
        }
        else if (message?.Time is { } time && _clock.GetUtcNow() - time > _options.InboxTimeToLive)
        {
            (reason, inOrder) = (Reasons.Expired, false);
        }

        return _ledger.AddAsync(arrival, head, reason, description, inOrder, cancellationToken);
    }
}
