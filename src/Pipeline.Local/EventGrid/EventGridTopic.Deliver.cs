using Microsoft.Extensions.Logging;

namespace Pipeline.Local.EventGrid;

/// <content>Delivers, and decides what becomes of what could not be delivered.</content>
internal sealed partial class EventGridTopic
{
    private const int MaxInFlightPerSubscription = 32;
    private const int Gone = 410;

    private long ExpiryTicks(Delivery delivery) =>
        delivery.Event.PublishedTicks + _schedule.Scaled(delivery.Subscription.Settings.EventTimeToLive).Ticks;

    private void MakeReady(Delivery delivery)
    {
        delivery.State = DeliveryState.Ready;
        delivery.Subscription.Ready.AddLast(delivery.Place);

        // While its subscription is not open it waits here, but not for ever.
        _due.Set(delivery, ExpiryTicks(delivery));
    }

    private void MakeWait(Delivery delivery)
    {
        delivery.State = DeliveryState.Waiting;
        _due.Set(delivery, Math.Min(delivery.NextAttemptTicks, ExpiryTicks(delivery)));
    }

    /// <summary>Starts as many deliveries as may be under way.</summary>
    private void Pump(EventSubscription subscription)
    {
        while (!_closing
            && !_isHeld
            && subscription.State == SubscriptionState.Active
            && subscription.InFlight < MaxInFlightPerSubscription
            && subscription.Ready.First is { Value: var delivery })
        {
            var endpoint = subscription.Function is { } function ? _hosts.Next(function) : subscription.Endpoint;
            if (endpoint is null)
                return;
            subscription.Ready.Remove(delivery.Place);
            _due.Remove(delivery);
            delivery.State = DeliveryState.InFlight;
            subscription.InFlight++;
            _inFlight.Enter();

            // Not a part of whatever is traced by the publisher that happens to be on this thread.
            ThreadPool.UnsafeQueueUserWorkItem(
                static work => _ = work.Topic.DeliverAsync(work.Delivery, work.Endpoint), (Topic: this, Delivery: delivery, Endpoint: endpoint), preferLocal: false);
        }
    }

    private async Task DeliverAsync(Delivery delivery, Uri endpoint)
    {
        try
        {
            var result = await _webhooks.DeliverAsync(endpoint, delivery, _stop.Token);
            Settle(delivery, result);
        }
        catch (Exception error)
        {
            _log.LogError(error, "Event Grid: defect while delivering to {Subscription}.", delivery.Subscription.Name);
            Settle(delivery, new AttemptResult("GenericError", 0, error.Message));
        }
        finally
        {
            _inFlight.Leave();
        }
    }

    private void Settle(Delivery delivery, AttemptResult result)
    {
        using var held = Enter();
        var subscription = delivery.Subscription;
        if (delivery.State != DeliveryState.InFlight)
            return;
        subscription.InFlight--;
        if (_closed)
            return;
        try
        {
            if (ReferenceEquals(result, AttemptResult.Abandoned))
                MakeReady(delivery);
            else if (result.IsDelivered)
                SettleDelivered(delivery);
            else
                SettleFailed(delivery, result);
        }
        catch (IOException error)
        {
            // The outcome could not be written down, so the attempt has not happened; the event is delivered again.
            _log.LogError(error, "Event Grid: the outcome of a delivery to {Subscription} could not be kept.", subscription.Name);
            if (delivery.State == DeliveryState.InFlight)
            {
                delivery.NextAttemptTicks = (_clock.GetUtcNow() + _schedule.AfterFailure(1)).UtcTicks;
                MakeWait(delivery);
            }
        }

        Pump(subscription);
    }

    private void SettleDelivered(Delivery delivery)
    {
        if (!delivery.IsDuplicate && _duplicates is { } random && random.NextDouble() < _duplicateProbability)
        {
            delivery.IsDuplicate = true;
            MakeReady(delivery);
            return;
        }

        Remove(delivery);
        delivery.Subscription.Delivered++;
    }

    private void SettleFailed(Delivery delivery, AttemptResult result)
    {
        var subscription = delivery.Subscription;
        var attempts = delivery.FailedAttempts + 1;
        var isFirst = attempts == 1;
        var isGone = subscription.Endpoint is not null && result.Status == Gone;
        var reason = isGone || subscription.State == SubscriptionState.Stopped
            ? DeadLetterBlob.UndeliverableBecauseOf("Gone")
            : ReasonToGiveUp(subscription, result, attempts);
        var outcome = isGone ? "Gone" : result.Outcome;
        if (reason is not null)
        {
            GiveUp(delivery, attempts, outcome, reason);
        }
        else
        {
            var next = (_clock.GetUtcNow() + _schedule.AfterFailure(attempts, result.RetryAfter)).UtcTicks;
            _journal.Begin();
            _journal.Fail(delivery, attempts, next, outcome);
            _journal.Commit();
            delivery.FailedAttempts = attempts;
            delivery.NextAttemptTicks = next;
            delivery.LastOutcome = outcome;
            MakeWait(delivery);
        }

        subscription.Failed++;
        if (isFirst)
            subscription.FailedDeliveries++;
        if (subscription.DeliveryWarning.Met())
        {
            _log.LogWarning(
                "Event Grid: a delivery to {Subscription} failed; there are {Count} such. {Error} GET /subscriptions on the Event Grid endpoint counts all failures.",
                subscription.Name, subscription.FailedDeliveries, result.Error);
        }

        subscription.LastError = result.Error;
        if (isGone && subscription.State == SubscriptionState.Active)
            Stop(subscription);
    }

    /// <summary>Why there is no further attempt; <see langword="null"/> if there is one.</summary>
    private static string? ReasonToGiveUp(EventSubscription subscription, AttemptResult result, int attempts) => result.Status switch
    {
        400 or 403 or 413 => DeadLetterBlob.UndeliverableBecauseOf(result.Outcome),
        401 when subscription.Endpoint is not null => DeadLetterBlob.UndeliverableBecauseOf(result.Outcome),
        _ when attempts >= subscription.Settings.MaxDeliveryAttempts => DeadLetterBlob.MaxDeliveryAttemptsExceeded,
        _ => null,
    };

    /// <summary>The webhook has retired: what it has not got is dead-lettered, and it gets nothing more.</summary>
    private void Stop(EventSubscription subscription)
    {
        _log.LogWarning("Event Grid: {Subscription} answered 410 Gone and gets no events any more, until it is subscribed again.", subscription.Name);
        var reason = DeadLetterBlob.UndeliverableBecauseOf("Gone");
        var rest = subscription.Deliveries.Values.Where(d => d.State is DeliveryState.Ready or DeliveryState.Waiting).ToList();
        var now = _clock.GetUtcNow().UtcTicks;
        subscription.State = SubscriptionState.Stopped;
        try
        {
            _journal.Begin();
            _journal.Subscribe(subscription);
            foreach (var delivery in rest)
                _journal.GiveUp(delivery, delivery.FailedAttempts, "Gone", reason, now);
            _journal.Commit();
        }
        catch (IOException)
        {
            // The next 410 stops it.
            subscription.State = SubscriptionState.Active;
            throw;
        }

        foreach (var delivery in rest)
            MarkGivenUp(delivery, delivery.FailedAttempts, "Gone", reason, now);
    }

    private void Remove(Delivery delivery)
    {
        _journal.Begin();
        _journal.Remove(delivery);
        _journal.Commit();
        Forget(delivery);
        _journal.CompactIfWorthwhile(_subscriptions.Values);
    }

    /// <summary>Takes it out of memory.</summary>
    private void Forget(Delivery delivery)
    {
        var subscription = delivery.Subscription;
        delivery.Place.List?.Remove(delivery.Place);
        if (delivery.DeadLetterReason is not null)
            ForgetDeadLetter(delivery);
        if (delivery.FailedAttempts > 0 && --subscription.FailedDeliveries == 0 && subscription.DeliveryWarning.Over())
            _log.LogInformation("Event Grid: nothing that could not be delivered to {Subscription} waits any more.", subscription.Name);
        _due.Remove(delivery);
        subscription.Deliveries.Remove(delivery.Event.Number);
        _journal.Removed(delivery);
        delivery.State = DeliveryState.Gone;
    }
}
