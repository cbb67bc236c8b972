using System.Diagnostics;
using Pipeline.Client;
using Pipeline.DeadLetters;
using Pipeline.Effects;
using Pipeline.Failures;
using Pipeline.Inbox;
using Pipeline.Storage;

namespace Pipeline.Consumers;

/// <summary>
/// Handles one message in one partition: read, recognise duplicates, decide, commit. The rules are those of <c>docs/guide/guarantees.md</c>; each
/// is marked with its number.
/// </summary>
internal sealed class MessageHandler
{
    /// <summary>Rounds of read and decide before the message is given back; each follows a commit of another writer.</summary>
    public const int MaxRounds = 50;

    private readonly Consumer _consumer;
    private readonly IPartitionStore _store;
    private readonly ConsumerServices _services;
    private readonly IConsumerObserver _observer;
    private readonly HandlerInvoker _handlers;
    private readonly MessageParser _parser;
    private readonly EffectWriter _effects;
    private readonly FailurePolicy _policy;
    private readonly FailedMessages _failed;
    private readonly FailureHandler _failures;
    private readonly StoreOutages _outages;
    private readonly PredecessorWait _predecessors;
    private readonly Backoff _backoff;

    public MessageHandler(Consumer consumer, IPartitionStore store, ConsumerServices services, IConsumerObserver observer)
    {
        _consumer = consumer;
        _store = store;
        _services = services;
        _observer = observer;
        _handlers = HandlerInvoker.Of(consumer);
        _parser = new MessageParser(consumer, services.Catalog, services.ClaimCheck);
        _effects = new EffectWriter(consumer.Service, services.Catalog, services.ClaimCheck);
        _policy = new FailurePolicy(consumer, services);
        _failed = new FailedMessages(consumer, store, services, observer);
        _outages = new StoreOutages(_handlers.Name, store, services, observer);
        _failures = new FailureHandler(_handlers, store, services, _policy, _failed, _outages);
        _predecessors = new PredecessorWait(store, services.Clock, _outages);
        _backoff = new Backoff(services.Clock, services.Random) { First = services.Options.FirstPause };
    }

    public HandlerInvoker Handlers => _handlers;

    public MessageParser Parser => _parser;

    public EffectWriter Effects => _effects;

    public StoreOutages Outages => _outages;

    public DeadLetterStore DeadLetters => _failed.DeadLetters;

    /// <summary>Handles a message to its settlement. Every path returns one.</summary>
    public async Task<Settlement> HandleAsync(ParsedMessage message, StoreTimeout timeout, Activity? activity, CancellationToken cancellationToken)
    {
        var (rounds, failures, outages, damages) = (0, 0, 0, 0);
        var isAfterPredecessors = false;
        while (rounds++ < MaxRounds && !cancellationToken.IsCancellationRequested)
        {
            try
            {
                if (!isAfterPredecessors && _predecessors.IsNeeded(message.Received, outages))
                {
                    await _predecessors.WaitAsync(message, cancellationToken);
                    isAfterPredecessors = true;
                }

                if (await HandleOnceAsync(message, cancellationToken) is { } settlement)
                    return settlement;
            }
            catch (HandlerFailedException e)
            {
                // Rule 5: quick retries in process, then a delayed retry; without a schedule the broker delivers again, up to the limit.
                var cause = e.InnerException!;
                if (_policy.MayTryAgain(cause, ++failures))
                {
                    await _backoff.PauseQuietlyAsync(failures, cancellationToken);
                    continue;
                }

                activity?.SetStatus(ActivityStatusCode.Error, e.Message);
                if ((_policy.IsStored(cause) || _policy.IsLastFailure(message)) && await _failures.StoreAsync(message, cause, timeout, cancellationToken) is { } stored)
                    return stored;
                if (!_policy.IsStored(cause))
                    return await _outages.AbandonAsync(message, cause, cancellationToken);
            }
            catch (DamagedPartitionException e)
            {
                // Found twice, the damage is real: a dead letter says so, and there is no retry as after an outage.
                activity?.SetStatus(ActivityStatusCode.Error, e.Message);
                if (++damages == 1)
                    await _backoff.PauseQuietlyAsync(damages, cancellationToken);
                else if (!e.CanBeRecorded)
                    return await _outages.GiveBackDamagedAsync(message, e, cancellationToken);
                else if (await _failures.StoreAsync(message, e, timeout, cancellationToken) is { } stored)
                    return stored;
            }
            catch (Exception e)
            {
                // The store's failure, or an unknown one (no access to the store, say): not the message's own.
                rounds--;
                if (await _outages.WaitAsync(message, timeout, e, ++outages, cancellationToken) is { } settlement)
                    return settlement;
            }
        }

        return Settlement.GiveBack;
    }

    /// <summary>One round; <see langword="null"/> if the partition moved on meanwhile and the rules start again.</summary>
    private async Task<Settlement?> HandleOnceAsync(ParsedMessage message, CancellationToken cancellationToken)
    {
        using var read = await _store.ReadAsync(message.Partition, head => MessageRecords.Of(_handlers, message, head), cancellationToken);
        var head = read.Head;
        var position = head.PositionOf(_handlers.Name);
        var replayed = MessageRecords.ReplayedIn(read, message);

        // Rule 1: a message has its effect once.
        if (read.Find(message.InboxId) is not null)
            return await RecogniseDuplicateAsync(message, head, replayed, cancellationToken);

        if (message.Received.ReplayOf is not null)
        {
            if (replayed is not { Open: true } || replayed.Attempt > message.Received.ReplayAttempt)
                return Settlement.Complete;
            if (replayed.InOrder && position.Blocked != replayed.Id)
                return await _failed.RefuseOutOfTurnAsync(head, replayed, position.Blocked, cancellationToken);
        }
        else if (read.Find(message.DeadLetterId, DeadLetterJson.Default.DeadLetter) is { } deadLetter)
        {
            return deadLetter.Open ? Settlement.DeadLetter(new Failure(deadLetter.Reason, deadLetter.Description)) : Settlement.Complete;
        }

        var failure = CheckOrderAndAge(message, position, replayed is not null)
            ?? (replayed is null && position.Blocked is { } blocker ? new Failure(DeadLetterReasons.BlockedByPredecessor, $"Waits behind '{blocker}'.") : null); // Rule 3.
        if (failure is null)
        {
            // Fetched only now: a duplicate, or a message that waits behind another one, needs no data.
            await _parser.ResolveAsync(message, cancellationToken);
            failure = message.Poison ?? CheckDeliveries(message);
        }

        return failure is not null
            ? await _failed.StoreAsync(message, head, replayed, failure, null, cancellationToken)
            : await DecideAsync(message, read, replayed, cancellationToken);
    }

    private async Task<Settlement?> DecideAsync(ParsedMessage message, PartitionRead read, DeadLetter? replayed, CancellationToken cancellationToken)
    {
        var now = _services.Clock.GetUtcNow();
        var decidedOn = read.Head.ETag;
        var context = message.ContextAt(now);
        var work = new UnitOfWork(read.Head);
        CommitOutcome outcome;
        try
        {
            await _handlers.DecideAsync(
                read, work, [(message, context)], new GatewayAccess(_services.Gateways, _services.Breakers, IsRetry: replayed is not null), leaveOutFailures: false, cancellationToken);
            await _effects.AddAsync(work, [(InboxRecordOf(message, context, work), context)], cancellationToken);
        }
        catch (Exception e) when (e is not (StoreUnavailableException or DamagedPartitionException) && !cancellationToken.IsCancellationRequested)
        {
            if (FailurePolicy.IsPermanent(e))
                return await _failures.StorePermanentAsync(message, replayed, decidedOn, e, cancellationToken);
            throw new HandlerFailedException(e);
        }

        // Rule 4: the effect, the inbox record and the outgoing messages in one batch; "last handled" moves here and nowhere else.
        if (!_consumer.IsUnordered && message.Message!.Sequence is { } sequence)
            work.Head.ChangePositionOf(_handlers.Name).Handled[message.Message.Source] = sequence;
        if (replayed is not null)
            await DeadLetters.CloseAsync(work, replayed, DeadLetterResults.Handled, $"handled by replay '{message.Received.ReplayId}'", cancellationToken);
        try
        {
            outcome = await _store.CommitAsync(work, cancellationToken);
        }
        catch (CommitTooLargeException e)
        {
            return await _failures.StorePermanentAsync(message, replayed, decidedOn, e, cancellationToken);
        }

        switch (outcome)
        {
            case CommitOutcome.Committed:
                _observer.Handled(message, now);
                return Settlement.Complete;
            case CommitOutcome.AlreadyHandled when replayed is null:
                _observer.Duplicate();
                return Settlement.Complete;
            default:
                // A replay whose message was handled meanwhile still has to close its dead letter: rule 1 does it.
                return null;
        }
    }

    public InboxRecord InboxRecordOf(ParsedMessage message, Decisions.HandlerContext context, UnitOfWork work) =>
        message.InboxRecordOf(_handlers.Name, context, work.CommitNumber, _services.Options.MemorySeconds(message.Message!.Time, context.Now));

    private async Task<Settlement?> RecogniseDuplicateAsync(ParsedMessage message, PartitionHead head, DeadLetter? replayed, CancellationToken cancellationToken)
    {
        _observer.Duplicate();
        if (replayed is not { Open: true })
        {
            await _store.IncrementAsync(message.Partition, message.InboxId, "/duplicates", cancellationToken);
            return Settlement.Complete;
        }

        var closed = await DeadLetters.CloseAlreadyHandledAsync(head, replayed, cancellationToken);
        return closed == CommitOutcome.Committed ? Settlement.Complete : null;
    }

    private Failure? CheckOrderAndAge(ParsedMessage message, ConsumerPosition position, bool isReplay) =>
        HandlingRules.CheckOrderAndAge(message.Message, _consumer.IsUnordered, position, isReplay, _services.Clock.GetUtcNow(), _services.Options);

    /// <summary>Rule 5: given up before the handler runs, so that a handler that kills the process cannot continue for ever.</summary>
    private Failure? CheckDeliveries(ParsedMessage message) =>
        message.Received.CountedDeliveries is var counted && counted > _policy.MaxDeliveries
            ? new Failure(DeadLetterReasons.AttemptsExhausted, string.Create(
                CultureInfo.InvariantCulture, $"Delivered {counted} times without being handled; the limit is {_policy.MaxDeliveries}."))
            : null;
}
