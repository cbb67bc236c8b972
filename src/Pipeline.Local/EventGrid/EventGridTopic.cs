using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using Pipeline.Local.Hosting;

namespace Pipeline.Local.EventGrid;

/// <summary>
/// An Event Grid custom topic inside this process: it takes CloudEvents, keeps them on disk, and delivers each to every
/// subscription that matches, unordered and at least once.
/// </summary>
/// <remarks>
/// One lock guards everything. A call holds it for microseconds: it writes one journal record, then changes memory, then
/// starts deliveries. Nothing is awaited under it.
/// </remarks>
internal sealed partial class EventGridTopic : IAsyncDisposable
{
    private static readonly TimeSpan ClosingPatience = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, EventSubscription> _subscriptions = new(StringComparer.OrdinalIgnoreCase);
    private readonly FunctionHosts _hosts = new();
    private readonly DueQueue<Delivery> _due = new();
    private readonly InFlight _inFlight = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly TopicJournal _journal;
    private readonly TimeProvider _clock;
    private readonly ILogger _log;
    private readonly RetrySchedule _schedule;
    private readonly WebhookClient _webhooks;
    private readonly ITimer _timer;
    private readonly string _deadLetterContainer;
    private long _lastNumber;
    private int _lastSubscriptionId;
    private long _armedTicks = long.MaxValue;
    private bool _closing;
    private bool _closed;

    private EventGridTopic(EventGridTopology topology, EventGridTopicOptions options)
    {
        _clock = options.Clock;
        _log = options.Log;
        _unwritten = new LastingWarning(_clock);
        _schedule = new RetrySchedule(options.TimeScale, options.Random);
        _deadLetterContainer = topology.DeadLetterContainer;
        _journal = new TopicJournal(options.Log);
        try
        {
            Restore(topology, options);
        }
        catch
        {
            _journal.Dispose();
            throw;
        }

        _webhooks = new WebhookClient(options.Clock);
        Endpoint = new TopicEndpoint(this, options.Log);
        _timer = _clock.CreateTimer(static state => ((EventGridTopic)state!).OnTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        using var held = Enter();
        foreach (var subscription in _subscriptions.Values.Where(s => s.State == SubscriptionState.AwaitingHandshake))
            StartHandshake(subscription);
    }

    /// <summary>
    /// About the most that all undelivered events may take, in bytes. They are all in memory; beyond this the topic
    /// answers 503 until some are delivered or dead-lettered, or their subscription is deleted.
    /// </summary>
    public long MaxPendingBytes { get; set; } = 256 * 1024 * 1024;

    /// <summary>Answers requests.</summary>
    public TopicEndpoint Endpoint { get; }

    /// <summary>Size of the journal; 0 in memory.</summary>
    public long JournalBytes
    {
        get
        {
            using var held = Enter();
            return _journal.LengthBytes;
        }
    }

    /// <summary>Opens the topic with what it held when it was closed or killed.</summary>
    /// <exception cref="InvalidDataException">A subscription or the journal cannot be used; the message says why.</exception>
    /// <exception cref="IOException">Another process has the journal open, or it cannot be read.</exception>
    public static EventGridTopic Open(EventGridTopology topology, EventGridTopicOptions options) => new(topology, options);

    /// <summary>Accepts all of the events, or none. When this returns, they survive the end of the process.</summary>
    /// <exception cref="TopicFullException">Too much is waiting to be delivered.</exception>
    /// <exception cref="IOException">They could not be written.</exception>
    public void Publish(IReadOnlyList<IncomingEvent> events)
    {
        using var held = Enter();
        if (_closed)
            throw new IOException("The Event Grid topic is closed.");
        var now = _clock.GetUtcNow().UtcTicks;
        var accepted = new List<Delivery>();
        var number = _lastNumber;
        long bytes = 0;
        _journal.Begin();
        foreach (var incoming in events)
        {
            var first = accepted.Count;
            StoredEvent? stored = null;
            foreach (var subscription in _subscriptions.Values)
            {
                if (subscription.State == SubscriptionState.Stopped || !subscription.Filter.Matches(incoming.Type, incoming.Subject, incoming.Element))
                    continue;
                stored ??= new StoredEvent(++number, now, JsonMarshal.GetRawUtf8Value(incoming.Element).ToArray());
                accepted.Add(new Delivery(stored, subscription) { NextAttemptTicks = now });
            }

            if (stored is null)
                continue;
            bytes += stored.Json.Length;
            _journal.Publish(stored, accepted[first..]);
        }

        if (accepted.Count == 0)
            return;
        if (_journal.LiveBytes + bytes > MaxPendingBytes)
            throw new TopicFullException(MaxPendingBytes);
        _journal.Commit();
        _lastNumber = number;
        foreach (var delivery in accepted)
        {
            delivery.Subscription.Deliveries.Add(delivery.Event.Number, delivery);
            _journal.Added(delivery);
            MakeReady(delivery);
            Pump(delivery.Subscription);
        }
    }

    /// <summary>
    /// Closes the topic: deliveries under way may end, for a few seconds; what is left goes out again after the next start.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            if (_closing)
                return;
            _closing = true;
            foreach (var subscription in _subscriptions.Values)
                subscription.Handshake?.Cancel();
        }

        var drained = _inFlight.DrainAsync();
        await WaitAsync(drained);
        await _stop.CancelAsync();
        await WaitAsync(drained);
        Close();
        _webhooks.Dispose();
    }

    /// <summary>Ends as by <c>kill -9</c>: what is under way is not noted any more.</summary>
    public void Kill()
    {
        Close();
        _stop.Cancel();
        _webhooks.Dispose();
    }

    private static async Task WaitAsync(Task drained)
    {
        try
        {
            // Real time: a process that is told to end cannot wait for a simulated clock.
            await drained.WaitAsync(ClosingPatience, TimeProvider.System);
        }
        catch (TimeoutException)
        {
            // What does not end is not waited for. Its event is delivered again.
        }
    }

    private void Close()
    {
        lock (_gate)
        {
            _closing = true;
            _closed = true;
            _journal.Dispose();
            _timer.Dispose();
        }
    }

    private void OnTimer()
    {
        using var held = Enter();
        if (_closing)
            return;
        _armedTicks = long.MaxValue;
        var now = _clock.GetUtcNow().UtcTicks;
        while (_due.First is { } delivery && delivery.DueTicks <= now)
        {
            _due.Remove(delivery);
            try
            {
                Fire(delivery, now);
            }
            catch (IOException error)
            {
                // Most likely a full disk. Nothing was changed, so it is still due.
                _log.LogError(error, "Event Grid: a delivery to {Subscription} was due and failed; it is tried again.", delivery.Subscription.Name);
                _due.Set(delivery, now + TimeSpan.TicksPerSecond);
            }
        }
    }

    /// <summary>Lets happen what a delivery waits for.</summary>
    private void Fire(Delivery delivery, long now)
    {
        if (delivery.State == DeliveryState.GivenUp)
            OfferDeadLetter(delivery);
        else if (now >= ExpiryTicks(delivery))
            GiveUp(delivery, delivery.FailedAttempts, delivery.LastOutcome, DeadLetterBlob.TimeToLiveExceeded);
        else
            MakeReady(delivery);
        Pump(delivery.Subscription);
    }

    /// <summary>Sets the one timer to the nearest due time. One that is set too early stays: it sets itself again when it fires.</summary>
    private void Arm()
    {
        if (_closing || _due.First is not { } first || first.DueTicks >= _armedTicks)
            return;
        _armedTicks = first.DueTicks;
        var milliseconds = Math.Ceiling(TimeSpan.FromTicks(_armedTicks - _clock.GetUtcNow().UtcTicks).TotalMilliseconds);
        _timer.Change(TimeSpan.FromMilliseconds(Math.Clamp(milliseconds, 0, TimeSpan.MillisecondsPerDay)), Timeout.InfiniteTimeSpan);
    }

    private Held Enter()
    {
        _gate.Enter();
        return new Held(this);
    }

    /// <summary>The topic's lock, held.</summary>
    private readonly ref struct Held(EventGridTopic topic)
    {
        public void Dispose()
        {
            try
            {
                topic.Arm();

                // Only now, so that who waits and then moves a clock of its own moves it past the timer that was set.
                topic.CompleteQuietWaiters();
            }
            finally
            {
                topic._gate.Exit();
            }
        }
    }
}
