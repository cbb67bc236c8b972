namespace Pipeline.Local.Testing;

/// <summary>Looks over a whole platform: what is busy, and what waits.</summary>
internal sealed class QuietCheck(LocalPlatform platform)
{
    private readonly List<string> _busy = [];
    private readonly List<PendingWork> _pending = [];
    private readonly Dictionary<string, int> _receivers = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<FeedActivity, int> _waitingPages = [];
    private int _waitingDeliveries;

    /// <summary>What is busy, a line each; empty: all is quiet.</summary>
    public IReadOnlyList<string> Busy => _busy;

    /// <summary>What waits, the next due first.</summary>
    public IReadOnlyList<PendingWork> Pending => [.. _pending.OrderBy(p => p.Due ?? DateTimeOffset.MaxValue)];

    /// <summary>Whether an invocation seems to wait for the time, which its other branches may not.</summary>
    public bool HasPauses { get; private set; }

    public static QuietCheck Of(LocalPlatform platform, PlatformActivity activity)
    {
        var check = new QuietCheck(platform);
        var (works, feeds) = activity.Snapshot();
        foreach (var (work, state) in works)
            check.Look(work, state);
        foreach (var (feed, parked) in feeds)
            check.Look(feed, parked);
        check.LookAtServiceBus();
        check.LookAtEventGrid();
        if (activity.Time is ManualTimeProvider { HasCallbacksUnderWay: true })
            check._busy.Add("a timer that was due at once");
        return check;
    }

    private void Look(Work work, Wait? state)
    {
        if (state is null)
        {
            _busy.Add($"{work.Name} {work.What}");
            return;
        }

        if (work.IsEventGridDelivery)
            _waitingDeliveries++;
        if (work.Feed is { } feed)
            _waitingPages[feed] = _waitingPages.GetValueOrDefault(feed) + 1;
        switch (state.Kind)
        {
            case WaitKind.Message:
                _receivers[state.Queue!] = _receivers.GetValueOrDefault(state.Queue!) + 1;
                break;
            case WaitKind.Slot:
                // Which entity it is of is known by those who hold the slots.
                break;
            case WaitKind.Pause:
                HasPauses = true;
                _pending.Add(new PendingWork(PendingKind.Delay, work.Name, state.Reason, state.Until));
                break;
            case WaitKind.Time:
                _pending.Add(new PendingWork(state.Reason == "is due" ? PendingKind.Timer : PendingKind.Retry, work.Name, state.Reason, state.Until));
                break;
        }
    }

    private void Look(FeedActivity feed, int parked)
    {
        var ranges = platform.Cosmos.PhysicalPartitionsOf(feed.Database, feed.Container);
        var unread = ranges - parked - _waitingPages.GetValueOrDefault(feed);
        if (unread > 0)
            _busy.Add(string.Create(CultureInfo.InvariantCulture, $"{feed.Function} reads the change feed of {feed.Description} ({unread} of {ranges} ranges)"));
    }

    private void LookAtServiceBus()
    {
        if (platform.ServiceBusUnderWay is > 0 and var underWay)
            _busy.Add(string.Create(CultureInfo.InvariantCulture, $"Service Bus: {underWay} messages or requests of clients under way"));
        foreach (var (name, queue) in platform.Broker.QueueStates())
        {
            var isReceived = _receivers.TryGetValue(name, out var receivers);
            if (receivers > queue.Waiting)
                _busy.Add($"{name}: a message is being handed over");
            if (queue.Available > 0)
            {
                _pending.Add(isReceived
                    ? queue.SessionUnlocked is { } unlocked
                        ? new PendingWork(PendingKind.Locked, name, $"{Messages(queue.Available)} in a session that is locked", unlocked, queue.Available)
                        : new PendingWork(PendingKind.WaitingForSlot, name, $"{Messages(queue.Available)} without a free session to handle them", null, queue.Available)
                    : new PendingWork(PendingKind.NoReceiver, name, $"{Messages(queue.Available)} that no function receives", null, queue.Available));
            }

            if (queue.Locked > 0)
                _pending.Add(new PendingWork(PendingKind.Locked, name, $"{Messages(queue.Locked)} locked", queue.SessionUnlocked, queue.Locked));
        }

        foreach (var (entity, count, next) in platform.Broker.Scheduled())
            _pending.Add(new PendingWork(PendingKind.Scheduled, entity, $"{Messages(count)} scheduled", next, count));
    }

    private void LookAtEventGrid()
    {
        var topic = platform.EventGrid.State();
        if (topic.InFlight > _waitingDeliveries)
            _busy.Add(string.Create(CultureInfo.InvariantCulture, $"Event Grid: {topic.InFlight} deliveries under way"));
        if (topic.DeadLettersInFlight > 0)
            _busy.Add(string.Create(CultureInfo.InvariantCulture, $"Event Grid: {topic.DeadLettersInFlight} dead letters are being written"));
        if (topic.Handshakes > 0)
            _busy.Add(string.Create(CultureInfo.InvariantCulture, $"Event Grid: {topic.Handshakes} handshakes under way"));
        foreach (var (subscription, count, next) in topic.Waiting)
            _pending.Add(new PendingWork(PendingKind.EventGrid, subscription, count == 1
                ? "1 event waits"
                : string.Create(CultureInfo.InvariantCulture, $"{count} events wait"), next, count));
    }

    private static string Messages(int count) => count == 1 ? "1 message" : string.Create(CultureInfo.InvariantCulture, $"{count} messages");
}
