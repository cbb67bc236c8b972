using Pipeline.DeadLetters;
using Pipeline.Failures;
using Pipeline.Storage;

namespace Pipeline.Consumers;

/// <summary>Decides what follows a failure: another attempt in process, a delayed retry, another delivery by the broker, or a dead letter for an operator.</summary>
internal sealed class FailurePolicy(Consumer consumer, ConsumerServices services)
{
    private readonly RetrySchedule _schedule = consumer.RetrySchedule ?? services.Options.Retry;

    /// <summary>Whether a failure is stored with its next retry, instead of being delivered again by the broker.</summary>
    public bool IsStored(Exception cause) => cause is GatewayUnavailableException || _schedule.Attempts > 0;

    /// <summary>Whether trying again cannot help.</summary>
    public static bool IsPermanent(Exception exception) => exception is PermanentFailureException or Messages.InvalidMessageException or CommitTooLargeException;

    /// <summary>Whether the handler may run again at once, after so many failures in this delivery.</summary>
    public bool MayTryAgain(Exception cause, int failures) => cause is not GatewayUnavailableException && failures < services.Options.AttemptsPerDelivery;

    /// <summary>The most deliveries of a message before it is given up without running the handler.</summary>
    public int MaxDeliveries => consumer.IsUnordered ? services.Options.MaxDeliveriesUnordered : services.Options.MaxDeliveries;

    /// <summary>
    /// Without delayed retries: whether this failure is the last that is allowed. That is at the delivery that the limit names, or, where
    /// deliveries are not counted, when the event has become too old; one without a time is its sender's to give up. (A handler that never
    /// returns is given up before its next run.)
    /// </summary>
    public bool IsLastFailure(ParsedMessage message)
    {
        if (message.Received.DeliveryCount > 0)
            return message.Received.CountedDeliveries >= services.Options.MaxDeliveries || (consumer.IsUnordered && message.Received.ReplayOf is not null);
        return message.Message!.Time is { } time && services.Clock.GetUtcNow() - time > services.Options.GiveUpAge;
    }

    /// <summary>What a failure of a message is stored as, and when it is retried.</summary>
    /// <param name="deadLetter">The dead letter whose replay failed; <see langword="null"/> for a message that is not one yet.</param>
    /// <param name="exception">The failure.</param>
    /// <returns>The failure, the number of retries that have failed, and the next retry; no retry where an operator has to act.</returns>
    public (Failure Failure, int Retries, DelayedRetry? Retry) Judge(DeadLetter? deadLetter, Exception exception)
    {
        var now = services.Clock.GetUtcNow();
        var retries = deadLetter?.Retries ?? 0;
        switch (exception)
        {
            case GatewayUnavailableException gateway:
                // Shortly after the breaker may close. Messages that find it open again and again spread out: only one call may try then.
                var waits = (deadLetter?.Waits ?? 0) + 1;
                var options = services.Breakers!.Options;
                var spread = Math.Min(options.LongestSpread.Ticks, options.BreakDuration.Ticks * Math.Pow(2, Math.Min(waits - 1, 40)));
                var retryAt = now + gateway.RetryAfter + PartOf(TimeSpan.FromTicks((long)spread));
                return (new Failure(DeadLetterReasons.GatewayUnavailable, exception.Message), retries, new DelayedRetry(retryAt, waits));
            case DamagedPartitionException:
                return (new Failure(DeadLetterReasons.DamagedPartition, exception.Message), retries, null);
        }

        // A message that waited behind another one was not tried yet.
        if (deadLetter is not null && deadLetter.Reason != DeadLetterReasons.BlockedByPredecessor)
            retries++;
        return retries < _schedule.Attempts
            ? (Failure.Of(DeadLetterReasons.TransientFailure, exception), retries, new DelayedRetry(now + PartOf(_schedule.BoundOf(retries + 1)), 0))
            : (Failure.Of(DeadLetterReasons.AttemptsExhausted, exception), retries, null);
    }

    /// <summary>The first retry of a message that the broker dead-lettered although it was not at fault.</summary>
    public DelayedRetry FirstRetry() => new(services.Clock.GetUtcNow() + PartOf(_schedule.BoundOf(1)), 0);

    /// <summary>Full jitter.</summary>
    private TimeSpan PartOf(TimeSpan bound)
    {
        lock (services.Random)
            return bound * services.Random.NextDouble();
    }
}
