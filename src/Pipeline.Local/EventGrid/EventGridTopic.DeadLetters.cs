using Microsoft.Extensions.Logging;

namespace Pipeline.Local.EventGrid;

/// <content>Gives up, and hands what was given up to the sink that writes blobs.</content>
internal sealed partial class EventGridTopic
{
    private const int MaxDeadLettersInFlight = 8;
    private const string Nowhere = "there is nowhere to write dead letters to";

    /// <summary>Dead letters whose time has come.</summary>
    private readonly LinkedList<Delivery> _deadLetters = [];
    private DeadLetterSink? _sink;
    private int _deadLettersInFlight;
    private (string Message, string Id) _lastFailure;
    private readonly LastingWarning _unwritten;

    /// <summary>Dead letters whose last try failed. They are tried again at least every few minutes, so that the warning is repeated.</summary>
    private int _failedDeadLetters;

    /// <summary>Where dead letters go. Without one they stay in the journal.</summary>
    public DeadLetterSink? DeadLetterSink
    {
        get => _sink;
        set
        {
            using var held = Enter();
            _sink = value;
            foreach (var delivery in _subscriptions.Values.SelectMany(s => s.Deliveries.Values).Where(d => d.DeadLetterError == Nowhere).ToList())
            {
                _due.Remove(delivery);
                OfferDeadLetter(delivery);
            }
        }
    }

    private void GiveUp(Delivery delivery, int failedAttempts, string? outcome, string reason)
    {
        var now = _clock.GetUtcNow().UtcTicks;
        _journal.Begin();
        _journal.GiveUp(delivery, failedAttempts, outcome, reason, now);
        _journal.Commit();
        MarkGivenUp(delivery, failedAttempts, outcome, reason, now);
    }

    private void MarkGivenUp(Delivery delivery, int failedAttempts, string? outcome, string reason, long now)
    {
        delivery.FailedAttempts = failedAttempts;
        delivery.LastOutcome = outcome;
        delivery.DeadLetterReason = reason;
        delivery.GivenUpTicks = now;
        delivery.Place.List?.Remove(delivery.Place);
        AwaitDeadLetter(delivery);
    }

    private void AwaitDeadLetter(Delivery delivery)
    {
        delivery.State = DeliveryState.GivenUp;
        delivery.Subscription.GivenUp++;
        _due.Set(delivery, delivery.GivenUpTicks + _schedule.BeforeDeadLettering.Ticks);
    }

    private void OfferDeadLetter(Delivery delivery)
    {
        if (_sink is null)
        {
            TryDeadLetterAgain(delivery, Nowhere, Nowhere);
            return;
        }

        _deadLetters.AddLast(delivery.Place);
        PumpDeadLetters();
    }

    private void PumpDeadLetters()
    {
        while (_sink is { } sink && !_closing && _deadLettersInFlight < MaxDeadLettersInFlight && _deadLetters.First is { Value: var delivery })
        {
            _deadLetters.Remove(delivery.Place);
            _deadLettersInFlight++;
            _inFlight.Enter();
            ThreadPool.UnsafeQueueUserWorkItem(
                static work => _ = work.Topic.WriteAsync(work.Delivery, work.Sink), (Topic: this, Delivery: delivery, Sink: sink), preferLocal: false);
        }
    }

    private async Task WriteAsync(Delivery delivery, DeadLetterSink sink)
    {
        Exception? failure = null;
        try
        {
            await sink(DeadLetterBlob.NameOf(_deadLetterContainer, delivery), DeadLetterBlob.ContentOf(delivery), _stop.Token);
        }
        catch (Exception error)
        {
            failure = error;
        }

        try
        {
            SettleDeadLetter(delivery, failure);
        }
        finally
        {
            _inFlight.Leave();
        }
    }

    private void SettleDeadLetter(Delivery delivery, Exception? failure)
    {
        using var held = Enter();
        _deadLettersInFlight--;
        if (_closed)
            return;
        if (delivery.State == DeliveryState.GivenUp)
        {
            try
            {
                if (failure is null)
                {
                    Remove(delivery);
                    delivery.Subscription.DeadLettered++;
                }
            }
            catch (IOException error)
            {
                failure = error;
            }

            if (failure is not null)
                TryDeadLetterAgain(delivery, failure.Message, $"It could not be written. {Logged(failure)}");
        }

        PumpDeadLetters();
    }

    /// <param name="delivery">The dead letter.</param>
    /// <param name="problem">For the log.</param>
    /// <param name="shown">For the endpoint, without the names of files of this machine.</param>
    private void TryDeadLetterAgain(Delivery delivery, string problem, string shown)
    {
        if (delivery.DeadLetterError is null)
            _failedDeadLetters++;
        delivery.DeadLetterError = shown;
        var wait = _schedule.AfterFailedDeadLettering(++delivery.DeadLetterFailures);
        _due.Set(delivery, (_clock.GetUtcNow() + wait).UtcTicks);
        if (_closing || !_unwritten.Met())
            return;
        _log.LogWarning(
            "Event Grid: a dead letter could not be written ({Problem}); there are {Count} such. They are kept and tried again; GET /dead-letters on the Event Grid endpoint lists them.",
            problem, _failedDeadLetters);
    }

    /// <summary>Logs what may name files of this machine, the same only once in a row, and says where to find it.</summary>
    private string Logged(Exception failure)
    {
        if (_lastFailure.Message != failure.Message)
        {
            _lastFailure = (failure.Message, ErrorIds.Next());
            _log.LogWarning(failure, "Event Grid: a file or the blob storage cannot be used (error {ErrorId}).", _lastFailure.Id);
        }

        return $"The log says why under the error id {_lastFailure.Id}.";
    }

    /// <summary>A dead letter is gone: written, or deleted with its subscription.</summary>
    private void ForgetDeadLetter(Delivery delivery)
    {
        delivery.Subscription.GivenUp--;
        if (delivery.DeadLetterError is not null && --_failedDeadLetters == 0 && _unwritten.Over())
            _log.LogInformation("Event Grid: all dead letters that could not be written are written, or deleted.");
    }
}
