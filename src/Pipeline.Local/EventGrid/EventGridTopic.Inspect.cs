namespace Pipeline.Local.EventGrid;

/// <content>What operators, tests and the local host see of the topic, and the faults that tests inject.</content>
internal sealed partial class EventGridTopic
{
    private readonly List<TaskCompletionSource> _quietWaiters = [];
    private Random? _duplicates;
    private double _duplicateProbability;
    private bool _isHeld;

    /// <summary>
    /// Called for every publish before it is accepted; decides whether it fails, and how. May delay. Never set outside
    /// tests.
    /// </summary>
    public Func<IReadOnlyList<IncomingEvent>, ValueTask<PublishFault>>? OnPublish { get; set; }

    /// <summary>While set, nothing new goes out. What is under way ends.</summary>
    public bool HoldDeliveries
    {
        get => _isHeld;
        set
        {
            using var held = Enter();
            _isHeld = value;
            foreach (var subscription in _subscriptions.Values)
                Pump(subscription);
        }
    }

    /// <summary>Deliveries that are neither done nor given up, over all subscriptions.</summary>
    public int PendingCount
    {
        get
        {
            using var held = Enter();
            return Pending();
        }
    }

    /// <summary>Has a share of deliveries repeated once after they succeeded.</summary>
    /// <param name="probability">From 0 (default) to 1.</param>
    /// <param name="random">Decides, under the topic's lock.</param>
    public void DuplicateDeliveries(double probability, Random random)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(probability);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(probability, 1);
        using var held = Enter();
        _duplicateProbability = probability;
        _duplicates = random;
    }

    /// <summary>Completes when <see cref="PendingCount"/> is 0. Dead letters that are to be written are not waited for.</summary>
    public Task WaitUntilQuietAsync(CancellationToken cancellationToken) =>
        QuietWaiter() is { } waiter ? waiter.Task.WaitAsync(cancellationToken) : Task.CompletedTask;

    /// <summary>Lets the next change fail as on a full disk, after some bytes of it were written. Needs a directory.</summary>
    public void FailNextAppend(int afterBytes)
    {
        using var held = Enter();
        _journal.FailNextAppend(afterBytes);
    }

    /// <summary>Rewrites the journal with what is live, which otherwise happens by itself when most of it is not.</summary>
    public void Compact()
    {
        using var held = Enter();
        _journal.Compact(_subscriptions.Values);
    }

    /// <summary>A handler that publishes and manages without a network; any authority is accepted.</summary>
    public HttpMessageHandler CreateHandler() => new InProcessHandler(Endpoint);

    /// <summary>All subscriptions, by name.</summary>
    public IReadOnlyList<SubscriptionStatus> Subscriptions()
    {
        using var held = Enter();
        return [.. _subscriptions.Values.OrderBy(s => s.Name, StringComparer.OrdinalIgnoreCase).Select(StatusOf)];
    }

    /// <summary>One subscription; <see langword="null"/> if there is none of that name.</summary>
    public SubscriptionStatus? Subscription(string name)
    {
        using var held = Enter();
        return _subscriptions.TryGetValue(name, out var subscription) ? StatusOf(subscription) : null;
    }

    /// <summary>What was given up and is in no blob yet, by subscription.</summary>
    /// <param name="limit">The most to return.</param>
    public IReadOnlyList<DeadLetterStatus> DeadLetters(int limit)
    {
        using var held = Enter();
        return
        [
            .. _subscriptions.Values
                .Where(s => s.GivenUp > 0)
                .SelectMany(s => s.Deliveries.Values.Where(d => d.DeadLetterReason is not null))
                .Take(limit)
                .Select(d => DeadLetterStatus.Of(d, _deadLetterContainer)),
        ];
    }

    private TaskCompletionSource? QuietWaiter()
    {
        using var held = Enter();
        if (Pending() == 0)
            return null;
        var waiter = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _quietWaiters.Add(waiter);
        return waiter;
    }

    private int Pending() => _subscriptions.Values.Sum(s => s.Deliveries.Count - s.GivenUp);

    private void CompleteQuietWaiters()
    {
        if (_quietWaiters.Count == 0 || Pending() > 0)
            return;
        foreach (var waiter in _quietWaiters)
            waiter.SetResult();
        _quietWaiters.Clear();
    }

    private SubscriptionStatus StatusOf(EventSubscription s) => new()
    {
        Name = s.Name,
        Function = s.Function,
        Endpoint = s.Endpoint?.GetLeftPart(UriPartial.Path),
        Source = s.IsFromTopology ? "topology.json" : "run time",
        State = s.Function is { } function && !_hosts.Run(function) ? "WaitingForHost" : s.State.ToString(),
        Types = s.Settings.Types,
        SubjectBeginsWith = s.Settings.SubjectBeginsWith,
        SubjectEndsWith = s.Settings.SubjectEndsWith,
        AdvancedFilters = s.Settings.AdvancedFilters.Count == 0 ? null : s.Settings.AdvancedFilters,
        Pending = s.Deliveries.Count - s.GivenUp,
        InFlight = s.InFlight,
        Delivered = s.Delivered,
        FailedAttempts = s.Failed,
        DeadLettersToWrite = s.GivenUp,
        DeadLettered = s.DeadLettered,
        LastError = s.LastError,
    };
}
