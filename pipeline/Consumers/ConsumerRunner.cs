using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Pipeline.Ledger;
using Pipeline.Messages;
using Pipeline.Outbox;
using Pipeline.Partitions;
using Pipeline.Payloads;
using Pipeline.State;

namespace Pipeline.Consumers;

/// <summary>
/// Handles the deliveries of one consumer: read, dedupe, decide, commit, settle. The rules are those of
/// <c>docs/guarantees.md</c>; each is marked with its number.
/// </summary>
public sealed partial class ConsumerRunner
{
    /// <summary>Rounds of read and decide before the session is given back; each follows a commit of somebody else.</summary>
    private const int MaxRounds = 50;

    private readonly Consumer _consumer;
    private readonly PartitionStore _store;
    private readonly MessageCatalog _catalog;
    private readonly ConsumerOptions _options;
    private readonly ClaimCheck _claimCheck;
    private readonly IServiceProvider _gateways;
    private readonly GatewayBreakers? _breakers;
    private readonly RetrySchedule _schedule;
    private readonly Random _random;
    private readonly TimeProvider _clock;
    private readonly LedgerWriter _ledger;
    private readonly Backoff _backoff;
    private readonly Backoff _redelivery;
    private readonly ILogger _log;

    /// <summary>Creates the runner.</summary>
    public ConsumerRunner(
        Consumer consumer,
        PartitionStore store,
        MessageCatalog catalog,
        ConsumerOptions options,
        ClaimCheck claimCheck,
        IServiceProvider gateways,
        GatewayBreakers? breakers,
        TimeProvider clock,
        Random random,
        ILogger<ConsumerRunner> log)
    {
        _consumer = consumer;
        _store = store;
        _catalog = catalog;
        _options = options;
        _claimCheck = claimCheck;
        _gateways = gateways;
        _breakers = breakers;
        _schedule = consumer.RetrySchedule ?? options.Retry;
        _random = random;
        _clock = clock;
        _log = log;
        _ledger = new LedgerWriter(consumer, store, clock, log);
        _backoff = new Backoff(clock, random) { First = options.FirstPause };
        _redelivery = new Backoff(clock, random) { First = options.FirstRedeliveryPause, Longest = options.LongestRedeliveryPause };
    }

    /// <summary>Handles one delivery. What it returns must be carried out; nothing is settled here.</summary>
    public Task<Settlement> HandleAsync(Delivery delivery, CancellationToken cancellationToken) =>
        HandleAsync(Arrival.Read(_consumer, delivery, _catalog), cancellationToken);

    /// <summary>
    /// Handles an event that somebody outside handed over directly, without the broker. What can never be handled is
    /// refused before anything is written, so that the sender learns of it; everything else is as for a delivery.
    /// </summary>
    /// <param name="body">The structured CloudEvent. Its partition is the ordering key that the contract takes from the data.</param>
    /// <param name="cancellationToken">Ends the waiting for a store that is out of reach: <see cref="SettlementKind.ReleaseSession"/>.</param>
    public Task<Settlement> HandleForeignAsync(ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        var arrival = Arrival.ReadForeign(_consumer, body, _catalog);
        var wrong = arrival.Poison ?? arrival.WhyTooLate(_consumer, new ConsumerPosition(), isReplay: false, _clock.GetUtcNow(), _options);
        return wrong is { } w ? Task.FromResult(Settlement.Refuse(w.Reason, w.Description)) : HandleAsync(arrival, cancellationToken);
    }

    private async Task<Settlement> HandleAsync(Arrival arrival, CancellationToken cancellationToken)
    {
        using var activity = _store.IsOverlaid ? null : Telemetry.StartConsume(_consumer.Name, arrival.Message?.Type, arrival.Message?.TraceParent);
        try
        {
            return _consumer.IsOrderFree
                ? await HandlePartsAsync(arrival, activity, cancellationToken)
                : await HandleAsync(arrival, activity, cancellationToken);
        }
        catch (DamagedPartitionException e)
        {
            return await DamagedAsync(arrival, e, cancellationToken);
        }
    }

    private async Task<Settlement> HandleAsync(Arrival arrival, Activity? activity, CancellationToken cancellationToken)
    {
        var started = _clock.GetTimestamp();
        var failures = 0;
        var damages = 0;
        for (var round = 1; round <= MaxRounds; round++)
        {
            try
            {
                if (await HandleOnceAsync(arrival, cancellationToken) is { } settlement)
                    return settlement;
            }
            catch (HandlerFailedException e)
            {
                // Rule 5: quick retries in process, then it is held; without a schedule the broker delivers again, up to the limit.
                var cause = e.InnerException!;
                if (cause is not GatewayUnavailableException && ++failures < _options.AttemptsPerDelivery)
                {
                    await PauseAsync(_backoff, failures, cancellationToken);
                }
                else
                {
                    activity?.SetStatus(ActivityStatusCode.Error, e.Message);
                    var isHeld = cause is GatewayUnavailableException || _schedule.Attempts > 0;
                    if ((isHeld || IsLastFailure(arrival)) && await PutAwayAsync(arrival, cause, cancellationToken) is { } putAway)
                        return putAway;
                    if (!isHeld)
                        return await AbandonAsync(arrival, cause, cancellationToken);
                }
            }
            catch (DamagedPartitionException e)
            {
                // Found twice, it is there: a dead letter that says so, and no retry as for an outage.
                activity?.SetStatus(ActivityStatusCode.Error, e.Message);
                if (++damages == 1)
                    await PauseAsync(_backoff, damages, cancellationToken);
                else if (!e.CanBeRecorded)
                    return await DamagedAsync(arrival, e, cancellationToken);
                else if (await PutAwayAsync(arrival, e, cancellationToken) is { } putAway)
                    return putAway;
            }
            catch (StoreUnavailableException e)
            {
                // Rule 7: wait, then give the session back. Never return unsettled without that.
                if (_clock.GetElapsedTime(started) > _options.StoreOutagePatience)
                {
                    _log.LogError(e, "{Consumer}: Cosmos DB or the payload store is out of reach; session {Session} is given back.", _consumer.Name, arrival.Partition);
                    await _store.NoteGivenBackAsync(arrival.Partition, _consumer.Name, e, _clock.GetUtcNow(), cancellationToken);
                    return Settlement.ReleaseSession;
                }

                await PauseAsync(_backoff, round, cancellationToken);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return Settlement.ReleaseSession;
            }
            catch (Exception e)
            {
                // Nobody's failure that we know (no access to the store, say). It is not the message's fault, so its delivery
                // count must not rise, and nothing behind it may overtake.
                _log.LogError(e, "{Consumer}: {EventId} could not be handled; session {Session} is given back.", _consumer.Name, arrival.Message?.Id, arrival.Partition);
                await _store.NoteGivenBackAsync(arrival.Partition, _consumer.Name, e, _clock.GetUtcNow(), cancellationToken);
                await PauseAsync(_redelivery, _redelivery.Attempts, cancellationToken);
                return Settlement.ReleaseSession;
            }

            if (cancellationToken.IsCancellationRequested)
                return Settlement.ReleaseSession;
        }

        return Settlement.ReleaseSession;
    }

    /// <summary>One round; <see langword="null"/> if the partition moved on meanwhile and the rules start again.</summary>
    private async Task<Settlement?> HandleOnceAsync(Arrival arrival, CancellationToken cancellationToken)
    {
        var delivery = arrival.Delivery;
        using var read = await _store.ReadAsync(arrival.Partition, head => RecordsOf(arrival, head), cancellationToken);
        var head = read.Head;
        var position = head.Of(_consumer.Name);
        var replayed = delivery.ReplayOf is { } replayOf ? read.Find(replayOf, RecordJson.Default.LedgerEntry) : null;

        // Rule 1: what had its effect has it once.
        if (read.Find(arrival.InboxId) is not null)
        {
            CountDuplicate();
            if (replayed is not { Open: true })
            {
                await _store.CountAsync(arrival.Partition, arrival.InboxId, "/duplicates", cancellationToken);
                return Settlement.Complete;
            }

            var closed = await _ledger.CloseAlreadyHandledAsync(head, replayed, cancellationToken);
            return closed == CommitOutcome.Committed ? Settlement.Complete : null;
        }

        if (delivery.ReplayOf is not null)
        {
            if (replayed is not { Open: true } || replayed.Attempt > delivery.ReplayAttempt)
                return Settlement.Complete;
            if (replayed.InOrder && position.Blocked != replayed.Id)
                return await OutOfTurnAsync(head, replayed, position.Blocked, cancellationToken);
        }
        else if (read.Find(arrival.EntryId, RecordJson.Default.LedgerEntry) is { } entry)
        {
            return entry.Open ? Settlement.DeadLetter(entry.Reason, entry.Description) : Settlement.Complete;
        }

        if (arrival.WhyTooLate(_consumer, position, replayed is not null, _clock.GetUtcNow(), _options) is { } late)
            return await GiveUpAsync(arrival, head, replayed, late.Reason, late.Description, inOrder: false, cancellationToken);

        // Rule 3.
        if (replayed is null && position.Blocked is { } blocker)
        {
            return await GiveUpAsync(
                arrival, head, null, Reasons.BlockedByPredecessor, $"Waits behind '{blocker}'.", inOrder: true, cancellationToken);
        }

        // Fetched only now: a duplicate, or what waits behind another one, needs no data.
        await arrival.ResolveAsync(_consumer, _catalog, _claimCheck, cancellationToken);
        if (arrival.Poison is { } poison)
            return await GiveUpAsync(arrival, head, replayed, poison.Reason, poison.Description, !_consumer.IsOrderFree, cancellationToken);

        // Rule 5: given up before the handler runs, so that one that kills the process cannot go on for ever.
        var limit = _consumer.IsOrderFree ? _options.MaxDeliveriesOrderFree : _options.MaxDeliveries;
        if (delivery.DeliveryCount > limit)
        {
            return await GiveUpAsync(
                arrival, head, replayed, Reasons.AttemptsExhausted,
                $"Delivered {delivery.DeliveryCount} times without being handled; the limit is {limit}.", !_consumer.IsOrderFree, cancellationToken);
        }

        return await DecideAsync(arrival, read, head, replayed, cancellationToken);
    }

    private async Task<Settlement?> DecideAsync(
        Arrival arrival, PartitionRead read, Head head, LedgerEntry? replayed, CancellationToken cancellationToken)
    {
        var message = arrival.Message!;
        var now = _clock.GetUtcNow();
        var decidedOn = head.ETag;
        var context = arrival.ContextAt(now);
        var commit = new Commit(arrival.Partition);
        IReadOnlyList<Messages.SentMessage> caused;
        try
        {
            var decided = await _consumer.DecideAsync(
                new Handling
                {
                    Messages = [(arrival.HandledAs!, arrival.Data!, context)],
                    Read = read,
                    Commit = commit,
                    Gateways = _gateways,
                    Breakers = _breakers,
                    IsRetry = replayed is not null,
                },
                cancellationToken);
            caused = await OutboxRecord.AddAsync(commit, head, _consumer.Service, _catalog, decided.Outgoing, _claimCheck, cancellationToken);
        }
        catch (Exception e) when (e is not (StoreUnavailableException or DamagedPartitionException) && !cancellationToken.IsCancellationRequested)
        {
            if (e is PermanentFailureException or ArgumentException or CommitTooLargeException)
                return await FailedAsync(arrival, replayed, decidedOn, e, cancellationToken);
            throw new HandlerFailedException(e);
        }

        // Rule 4: the effect, the inbox record and what it sends, in one batch; "last handled" moves here and nowhere else.
        if (!_consumer.IsOrderFree && message.Sequence is { } sequence)
            head.Of(_consumer.Name).Handled[message.Source] = sequence;
        commit.CreateFirst(
            arrival.InboxId, arrival.InboxRecordOf(_consumer, context, head.Commits + 1, caused, _options), RecordJson.Default.InboxRecord, CommitOutcome.AlreadyHandled);
        if (replayed is not null)
            await _ledger.CloseAsync(commit, head, replayed, LedgerResults.Handled, $"handled by replay '{arrival.Delivery.ReplayId}'", cancellationToken);
        LedgerWriter.AddHead(commit, head);

        CommitOutcome outcome;
        try
        {
            outcome = await _store.WriteAsync(commit, cancellationToken);
        }
        catch (CommitTooLargeException e)
        {
            return await FailedAsync(arrival, replayed, decidedOn, e, cancellationToken);
        }

        return Settle(outcome, arrival, now, replayed is not null);
    }

    private Settlement? Settle(CommitOutcome outcome, Arrival arrival, DateTimeOffset now, bool isReplay)
    {
        switch (outcome)
        {
            case CommitOutcome.Committed:
                CountHandled(arrival, now);
                return Settlement.Complete;
            case CommitOutcome.AlreadyHandled when !isReplay:
                CountDuplicate();
                return Settlement.Complete;
            default:
                // A replay whose message was handled meanwhile still has to close its entry: rule 1 does it.
                return null;
        }
    }

    /// <summary>A dry run counts as nothing.</summary>
    private void CountDuplicate()
    {
        if (!_store.IsOverlaid)
            Telemetry.Duplicates.Add(1, new KeyValuePair<string, object?>("consumer", _consumer.Name));
    }

    private void CountHandled(Arrival arrival, DateTimeOffset now)
    {
        if (_store.IsOverlaid)
            return;
        var tag = new KeyValuePair<string, object?>("consumer", _consumer.Name);
        Telemetry.Handled.Add(1, tag);
        if (arrival.Message!.Time is { } time)
            Telemetry.CommitToEffect.Record((now - time).TotalSeconds, tag);
    }

    private IEnumerable<string> RecordsOf(Arrival arrival, Head head)
    {
        yield return arrival.InboxId;
        if (head.Of(_consumer.Name).Entries > 0)
            yield return arrival.EntryId;
        if (arrival.Delivery.ReplayOf is { } replayOf)
            yield return replayOf;
        foreach (var id in _consumer.StateRecordsOf(head))
            yield return id;
    }

    private static async Task PauseAsync(Backoff backoff, int attempt, CancellationToken cancellationToken)
    {
        try
        {
            await backoff.PauseAsync(attempt, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // The caller sees the cancelled token and gives the session back.
        }
    }
}
