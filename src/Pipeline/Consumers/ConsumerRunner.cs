using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Pipeline.DeadLetters;
using Pipeline.Messages;
using Pipeline.Outbox;
using Pipeline.Storage;
using Pipeline.Payloads;

namespace Pipeline.Consumers;

/// <summary>
/// Handles the deliveries of one consumer: read, dedupe, decide, commit, settle. The rules are those of
/// <c>docs/guarantees.md</c>; each is marked with its number.
/// </summary>
public sealed partial class ConsumerRunner
{
    /// <summary>Rounds of read and decide before the message is given back; each follows a commit of somebody else.</summary>
    private const int MaxRounds = 50;

    /// <summary>Far below what the broker's deliveries last for, so that no long outage is taken for a short one.</summary>
    private static readonly TimeSpan _longOutage = TimeSpan.FromHours(1);

    /// <summary>A few times longer than the pauses of the function on the dead-letter queue.</summary>
    private static readonly TimeSpan _deadLettersFirst = TimeSpan.FromSeconds(15);

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
    private readonly DeadLetterStore _ledger;
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
        _ledger = new DeadLetterStore(consumer, store, clock, log);
        _backoff = new Backoff(clock, random) { First = options.FirstPause };
        _redelivery = new Backoff(clock, random) { First = options.FirstRedeliveryPause, Longest = options.LongestRedeliveryPause };
    }

    /// <summary>Handles one delivery. What it returns must be carried out; nothing is settled here.</summary>
    public Task<Settlement> HandleAsync(ReceivedMessage delivery, CancellationToken cancellationToken) =>
        HandleAsync(ParsedMessage.Read(_consumer, delivery, _catalog), cancellationToken);

    /// <summary>
    /// Handles an event that somebody outside handed over directly, without the broker. What can never be handled is
    /// refused before anything is written, so that the sender learns of it; everything else is as for a delivery.
    /// </summary>
    /// <param name="body">The structured CloudEvent. Its partition is the ordering key that the contract takes from the data.</param>
    /// <param name="cancellationToken">Ends the waiting for a store that is out of reach: <see cref="SettlementKind.GiveBack"/>.</param>
    public Task<Settlement> HandleForeignAsync(ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        var arrival = ParsedMessage.ReadForeign(_consumer, body, _catalog);
        var wrong = arrival.Poison ?? arrival.Rule2Error(_consumer, new ConsumerPosition(), isReplay: false, _clock.GetUtcNow(), _options);
        return wrong is { } w ? Task.FromResult(Settlement.Refuse(w.Reason, w.Description)) : HandleAsync(arrival, cancellationToken);
    }

    private Task<Settlement> HandleAsync(ParsedMessage arrival, CancellationToken cancellationToken) =>
        HandleAsync(arrival, PatienceFor(arrival.Received), cancellationToken);

    private async Task<Settlement> HandleAsync(ParsedMessage arrival, StoreTimeout patience, CancellationToken cancellationToken)
    {
        using var activity = _store.IsOverlaid ? null : Telemetry.StartConsume(_consumer.Name, arrival.Message?.Type, arrival.Message?.TraceParent);
        try
        {
            return _consumer.IsUnordered
                ? await HandlePartsAsync(arrival, patience, activity, cancellationToken)
                : await HandleAsync(arrival, patience, activity, cancellationToken);
        }
        catch (DamagedPartitionException e)
        {
            return await DamagedAsync(arrival, e, cancellationToken);
        }
    }

    private async Task<Settlement> HandleAsync(ParsedMessage arrival, StoreTimeout patience, Activity? activity, CancellationToken cancellationToken)
    {
        var (rounds, failures, outages, damages) = (0, 0, 0, 0);
        var isAfterDeadLetters = false;
        while (rounds++ < MaxRounds && !cancellationToken.IsCancellationRequested)
        {
            try
            {
                if (!isAfterDeadLetters && MayFollowDeadLetter(arrival.Received, outages))
                {
                    await LetDeadLettersGoFirstAsync(arrival, cancellationToken);
                    isAfterDeadLetters = true;
                }

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
                    if ((isHeld || IsLastFailure(arrival)) && await PutAwayAsync(arrival, cause, patience, cancellationToken) is { } putAway)
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
                else if (await PutAwayAsync(arrival, e, patience, cancellationToken) is { } putAway)
                    return putAway;
            }
            catch (Exception e)
            {
                // The store's failure, or one that nobody knows (no access to the store, say): not the message's own.
                rounds--;
                if (await WaitAsync(arrival, patience, e, ++outages, cancellationToken) is { } given)
                    return given;
            }
        }

        return Settlement.GiveBack;
    }

    /// <summary>
    /// Rule 7: waits a little, while the host renews the lock. What is returned ends the handling: the patience is used up, or
    /// the host is stopping. Never return unsettled: the host would go on to the next message of the session.
    /// </summary>
    private async Task<Settlement?> WaitAsync(ParsedMessage arrival, StoreTimeout patience, Exception e, int attempt, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
            return Settlement.GiveBack;
        if (patience.EndIfUsedUp())
        {
            _log.LogError(
                e, "{Consumer}: {EventId} of subject {Subject} could not be handled, for a reason that is not its own. It is given back, and delivered again.",
                _consumer.Name, arrival.Message?.Id, arrival.Partition);
            await _store.NoteGivenBackAsync(arrival.Partition, _consumer.Name, e, _clock.GetUtcNow(), cancellationToken);
            return Settlement.GiveBack;
        }

        await PauseAsync(_redelivery, attempt, cancellationToken);
        return cancellationToken.IsCancellationRequested ? Settlement.GiveBack : null;
    }

    /// <summary>
    /// Whether the outage that this delivery met, now or before, may have lasted so long that the broker has dead-lettered a
    /// predecessor of the message for its number of deliveries. Those take hours, and the message waited behind it all the time.
    /// </summary>
    private bool MayFollowDeadLetter(ReceivedMessage delivery, int outages) =>
        (outages > 0 || delivery.TimesGivenBack > 0)
        && delivery is { ReplayOf: null, EnqueuedAt: { } enqueuedAt }
        && _clock.GetUtcNow() - enqueuedAt > _longOutage;

    /// <summary>
    /// Once the store is back, lets the function on the dead-letter queue store such a predecessor first, so that this message finds
    /// its subject blocked. It tries about as often as this does. What comes too late all the same is out of order (rule 2).
    /// </summary>
    private async Task LetDeadLettersGoFirstAsync(ParsedMessage arrival, CancellationToken cancellationToken)
    {
        using (await _store.ReadAsync(arrival.Partition, _ => [], cancellationToken))
        {
            // It is back.
        }

        for (var started = _clock.GetTimestamp(); _clock.GetElapsedTime(started) < _deadLettersFirst && !cancellationToken.IsCancellationRequested;)
            await PauseAsync(_redelivery, _redelivery.Attempts, cancellationToken);
    }

    private StoreTimeout PatienceFor(ReceivedMessage delivery) =>
        new(_clock, _consumer.IsUnordered ? _options.StoreOutageTimeout : _options.StoreTimeoutAfter(delivery.TimesGivenBack));

    /// <summary>One round; <see langword="null"/> if the partition moved on meanwhile and the rules start again.</summary>
    private async Task<Settlement?> HandleOnceAsync(ParsedMessage arrival, CancellationToken cancellationToken)
    {
        var delivery = arrival.Received;
        using var read = await _store.ReadAsync(arrival.Partition, head => RecordsOf(arrival, head), cancellationToken);
        var head = read.Head;
        var position = head.Of(_consumer.Name);
        var replayed = delivery.ReplayOf is { } replayOf ? read.Find(replayOf, RecordJson.Default.DeadLetter) : null;

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
        else if (read.Find(arrival.EntryId, RecordJson.Default.DeadLetter) is { } entry)
        {
            return entry.Open ? Settlement.DeadLetter(entry.Reason, entry.Description) : Settlement.Complete;
        }

        if (arrival.Rule2Error(_consumer, position, replayed is not null, _clock.GetUtcNow(), _options) is { } error)
            return await GiveUpAsync(arrival, head, replayed, error.Reason, error.Description, StaysInOrder(error.Reason), cancellationToken);

        // Rule 3.
        if (replayed is null && position.Blocked is { } blocker)
        {
            return await GiveUpAsync(
                arrival, head, null, DeadLetterReasons.BlockedByPredecessor, $"Waits behind '{blocker}'.", inOrder: true, cancellationToken);
        }

        // Fetched only now: a duplicate, or what waits behind another one, needs no data.
        await arrival.ResolveAsync(_consumer, _catalog, _claimCheck, cancellationToken);
        if (arrival.Poison is { } poison)
            return await GiveUpAsync(arrival, head, replayed, poison.Reason, poison.Description, !_consumer.IsUnordered, cancellationToken);

        // Rule 5: given up before the handler runs, so that one that kills the process cannot go on for ever.
        var limit = _consumer.IsUnordered ? _options.MaxDeliveriesUnordered : _options.MaxDeliveries;
        if (delivery.CountedDeliveries is var counted && counted > limit)
        {
            return await GiveUpAsync(
                arrival, head, replayed, DeadLetterReasons.AttemptsExhausted,
                string.Create(CultureInfo.InvariantCulture, $"Delivered {counted} times without being handled; the limit is {limit}."),
                !_consumer.IsUnordered, cancellationToken);
        }

        return await DecideAsync(arrival, read, head, replayed, cancellationToken);
    }

    private async Task<Settlement?> DecideAsync(
        ParsedMessage arrival, PartitionRead read, PartitionHead head, DeadLetter? replayed, CancellationToken cancellationToken)
    {
        var message = arrival.Message!;
        var now = _clock.GetUtcNow();
        var decidedOn = head.ETag;
        var context = arrival.ContextAt(now);
        var commit = new UnitOfWork(arrival.Partition);
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
            caused = await OutboxWriter.AddAsync(commit, head, _consumer.Service, _catalog, decided.Outgoing, _claimCheck, cancellationToken);
        }
        catch (Exception e) when (e is not (StoreUnavailableException or DamagedPartitionException) && !cancellationToken.IsCancellationRequested)
        {
            if (e is PermanentFailureException or ArgumentException or CommitTooLargeException)
                return await FailedAsync(arrival, replayed, decidedOn, e, cancellationToken);
            throw new HandlerFailedException(e);
        }

        // Rule 4: the effect, the inbox record and what it sends, in one batch; "last handled" moves here and nowhere else.
        if (!_consumer.IsUnordered && message.Sequence is { } sequence)
            head.Of(_consumer.Name).Handled[message.Source] = sequence;
        commit.CreateFirst(
            arrival.InboxId, arrival.InboxRecordOf(_consumer, context, head.Commits + 1, caused, _options), RecordJson.Default.InboxRecord, CommitOutcome.AlreadyHandled);
        if (replayed is not null)
            await _ledger.CloseAsync(commit, head, replayed, DeadLetterResults.Handled, $"handled by replay '{arrival.Received.ReplayId}'", cancellationToken);
        DeadLetterStore.AddHead(commit, head);

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

    /// <summary>What is too old, or out of order, may have been handled and holds nothing up; what is dated ahead was not, and keeps its place.</summary>
    private bool StaysInOrder(string reason) => !_consumer.IsUnordered && reason is not (DeadLetterReasons.OutOfOrder or DeadLetterReasons.Expired);

    private Settlement? Settle(CommitOutcome outcome, ParsedMessage arrival, DateTimeOffset now, bool isReplay)
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

    private void CountHandled(ParsedMessage arrival, DateTimeOffset now)
    {
        if (_store.IsOverlaid)
            return;
        var tag = new KeyValuePair<string, object?>("consumer", _consumer.Name);
        Telemetry.Handled.Add(1, tag);
        if (arrival.Message!.Time is { } time)
            Telemetry.CommitToEffect.Record(Math.Max(0, (now - time).TotalSeconds), tag);
    }

    private IEnumerable<string> RecordsOf(ParsedMessage arrival, PartitionHead head)
    {
        yield return arrival.InboxId;
        if (head.Of(_consumer.Name).Entries > 0)
            yield return arrival.EntryId;
        if (arrival.Received.ReplayOf is { } replayOf)
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
            // The caller sees the cancelled token and gives the message back.
        }
    }
}
