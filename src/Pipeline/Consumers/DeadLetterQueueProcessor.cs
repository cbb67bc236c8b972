using Microsoft.Extensions.Logging;
using Pipeline.DeadLetters;
using Pipeline.Failures;
using Pipeline.Storage;

namespace Pipeline.Consumers;

/// <summary>
/// Empties a consumer's dead-letter queue. Our own dead letters are stored already; what the broker itself dead-lettered (filter error, missing
/// session, number of deliveries after all) gets its dead letter, and its block, here.
/// </summary>
public sealed class DeadLetterQueueProcessor
{
    private const int MaxRounds = 50;

    /// <summary>The broker's reason for a message that it delivered too often.</summary>
    private const string TooManyDeliveries = "MaxDeliveryCountExceeded";

    private const string Outlasted = "It was given back for reasons that were not its own until the broker's deliveries were used up.";

    private readonly Consumer _consumer;
    private readonly ConsumerName _name;
    private readonly CosmosPartitionStore _store;
    private readonly ConsumerServices _services;
    private readonly ConsumerTelemetry _observer;
    private readonly MessageParser _parser;
    private readonly FailurePolicy _policy;
    private readonly FailedMessages _failed;
    private readonly Backoff _pauses;
    private readonly ILogger _log;

    /// <summary>Creates the processor of one consumer.</summary>
    /// <param name="consumer">The consumer.</param>
    /// <param name="store">The container of its service.</param>
    /// <param name="services">What all consumers share.</param>
    /// <param name="log">Tells of dead letters, and of those that cannot be stored.</param>
    public DeadLetterQueueProcessor(Consumer consumer, CosmosPartitionStore store, ConsumerServices services, ILogger<DeadLetterQueueProcessor> log)
    {
        _consumer = consumer;
        _name = new ConsumerName(consumer.Name);
        _store = store;
        _services = services;
        _log = log;
        _observer = new ConsumerTelemetry(_name, log);
        _parser = new MessageParser(consumer, services.Catalog, services.ClaimCheck);
        _policy = new FailurePolicy(consumer, services);
        _failed = new FailedMessages(consumer, store, services, _observer);
        _pauses = services.RedeliveryPauses();
    }

    /// <summary>
    /// Takes one message from the dead-letter queue. Any message can be taken: one that cannot be read is kept as bytes. Without the store it waits a
    /// while and leaves the message in its queue, which has no limit of deliveries.
    /// </summary>
    public async Task<Settlement> HandleAsync(ReceivedMessage received, CancellationToken cancellationToken)
    {
        var message = _parser.Parse(received);
        var timeout = new StoreTimeout(_services.Clock, _services.Options.StoreOutageTimeout);
        for (var attempt = 1; !cancellationToken.IsCancellationRequested; attempt++)
        {
            try
            {
                return await HandleOnceAsync(message, cancellationToken) ? Settlement.Complete : Settlement.Abandon;
            }
            catch (Exception) when (cancellationToken.IsCancellationRequested)
            {
                // Shutting down: it stays in its queue.
            }
            catch (DamagedPartitionException e)
            {
                _log.LogError(e, "{Consumer}: the dead letter {MessageId} cannot be stored; it stays in its queue. {Damage}", _consumer.Name, received.MessageId, e.Message);
                await _store.NoteAsync(HandlingProblem.Damage(e, _name, _services.Clock.GetUtcNow()), cancellationToken);

                // What is abandoned comes again at once.
                await Task.Delay(_services.Options.LongestRedeliveryPause, _services.Clock, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                break;
            }
            catch (Exception e) when (timeout.EndIfUsedUp())
            {
                _log.LogError(e, "{Consumer}: the dead letter {MessageId} cannot be stored; it stays in its queue.", _consumer.Name, received.MessageId);
                break;
            }
            catch (Exception e)
            {
                // Not left to the broker, which would deliver it again at once.
                _log.LogDebug(e, "{Consumer}: the dead letter {MessageId} cannot be stored now.", _consumer.Name, received.MessageId);
                await _pauses.PauseQuietlyAsync(attempt, cancellationToken);
            }
        }

        return Settlement.Abandon;
    }

    private async Task<bool> HandleOnceAsync(ParsedMessage message, CancellationToken cancellationToken)
    {
        // Which partitions it concerns may be said in data that is stored elsewhere.
        if (_consumer.IsUnordered)
            await _parser.ResolveAsync(message, cancellationToken);
        var isDone = true;
        foreach (var part in message.Parts())
            isDone &= await HandlePartAsync(part, cancellationToken);
        return isDone;
    }

    private async Task<bool> HandlePartAsync(ParsedMessage message, CancellationToken cancellationToken)
    {
        for (var round = 1; round <= MaxRounds; round++)
        {
            if (await HandlePartOnceAsync(message, cancellationToken))
                return true;
        }

        return false;
    }

    private async Task<bool> HandlePartOnceAsync(ParsedMessage message, CancellationToken cancellationToken)
    {
        var replayOf = message.Received.ReplayOf;
        using var read = await _store.ReadAsync(
            message.Partition, _ => [message.InboxId, message.DeadLetterId.Value, (replayOf ?? message.DeadLetterId).Value], cancellationToken);
        var isHandled = read.Find(message.InboxId) is not null;
        if (replayOf is not null)
            return await CloseReplayAsync(message, read, isHandled, cancellationToken);

        // A dead letter that cannot be read keeps nothing: the message stays in its queue.
        if (isHandled || read.Find(message.DeadLetterId, DeadLetterJson.Default.DeadLetter) is not null)
            return true;
        var (failure, retry) = Judge(message, read.Head);
        return await _failed.StoreAsync(message, read.Head, null, failure, retry, cancellationToken) is not null;
    }

    private async Task<bool> CloseReplayAsync(ParsedMessage message, PartitionRead read, bool isHandled, CancellationToken cancellationToken)
    {
        var received = message.Received;
        var replayed = MessageRecords.ReplayedIn(read, message);
        if (replayed is not { Open: true } || (!isHandled && replayed.Attempt > received.ReplayAttempt))
            return true;
        if (isHandled)
            return await _failed.DeadLetters.CloseAlreadyHandledAsync(read.Head, replayed, cancellationToken) == CommitOutcome.Committed;
        if (RetryOf(received) is { } retry)
            return await _failed.StoreAsync(message, read.Head, replayed, new Failure(received.DeadLetterReason!, Outlasted), retry, cancellationToken) is not null;
        return await _failed.DeadLetters.RaiseAttemptAsync(
            read.Head, replayed, $"the broker dead-lettered the replay: {received.DeadLetterReason}", DeadLetterReasons.AttemptsExhausted, cancellationToken) == CommitOutcome.Committed;
    }

    private (Failure Failure, DelayedRetry? Retry) Judge(ParsedMessage message, PartitionHead head)
    {
        var received = message.Received;
        var reason = received.DeadLetterReason ?? message.Poison?.Reason ?? DeadLetterReasons.AttemptsExhausted;
        var description = received.DeadLetterDescription ?? message.Poison?.Description ?? "Dead-lettered by the broker.";
        var error = HandlingRules.CheckOrderAndAge(
            message.Message, _consumer.IsUnordered, head.PositionOf(_name), isReplay: false, _services.Clock.GetUtcNow(), _services.Options);
        if (error is not null)
            return (error with { Description = $"{error.Description} The broker had dead-lettered it ({reason}): {description}" }, null);

        // A message that waits behind another one notices that when it is due, and waits on.
        return RetryOf(received) is { } retry
            ? (new Failure(reason, $"{Outlasted} {description}"), retry)
            : (new Failure(reason, description, message.Poison is { } poison && poison.Description == description ? poison.Path : null), null);
    }

    /// <summary>
    /// The retry of a message that the broker gave up although it was not at fault: an outage of Cosmos DB outlasted the broker's deliveries. Otherwise
    /// <see langword="null"/>: it waits for an operator.
    /// </summary>
    private DelayedRetry? RetryOf(ReceivedMessage received) =>
        received.DeadLetterReason == TooManyDeliveries && received.CountedWhenGivenBack is { } counted && counted <= _policy.MaxDeliveries
            ? _policy.FirstRetry()
            : null;
}
