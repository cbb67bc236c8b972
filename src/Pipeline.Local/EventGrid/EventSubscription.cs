namespace Pipeline.Local.EventGrid;

/// <summary>A subscription of the topic with what it has to deliver. Used under the topic's lock.</summary>
internal sealed class EventSubscription
{
    public EventSubscription(string name, SubscriptionSettings settings, TimeProvider clock)
    {
        HandshakeWarning = new LastingWarning(clock);
        DeliveryWarning = new LastingWarning(clock);
        Name = name;
        WireName = name.ToUpperInvariant();
        Settings = settings;
        Filter = EventFilter.Create(name, settings);
    }

    public string Name { get; }

    /// <summary>The name as Event Grid writes it in headers and blob names.</summary>
    public string WireName { get; }

    /// <summary>Number in the journal.</summary>
    public int Id { get; set; }

    public SubscriptionSettings Settings { get; private set; }

    public EventFilter Filter { get; private set; }

    /// <summary>Whether topology.json lists it, so that it cannot be changed at run time.</summary>
    public bool IsFromTopology => Settings is TopologySubscription;

    /// <summary>The function that gets the events; <see langword="null"/> for a webhook.</summary>
    public string? Function => (Settings as TopologySubscription)?.Function;

    /// <summary>The webhook; <see langword="null"/> for a function.</summary>
    public Uri? Endpoint { get; set; }

    public SubscriptionState State { get; set; }

    /// <summary>Everything that is neither delivered nor dead-lettered, by event number.</summary>
    public Dictionary<long, Delivery> Deliveries { get; } = [];

    /// <summary>What may go out now, first in first out.</summary>
    public LinkedList<Delivery> Ready { get; } = [];

    /// <summary>Attempts that are under way.</summary>
    public int InFlight { get; set; }

    /// <summary>How many of <see cref="Deliveries"/> are given up and wait for their dead letter.</summary>
    public int GivenUp { get; set; }

    public long Delivered { get; set; }

    public long Failed { get; set; }

    /// <summary>How many of <see cref="Deliveries"/> have failed at least once.</summary>
    public int FailedDeliveries { get; set; }

    public long DeadLettered { get; set; }

    public string? LastError { get; set; }

    public int FailedHandshakes { get; set; }

    public LastingWarning HandshakeWarning { get; }

    public LastingWarning DeliveryWarning { get; }

    /// <summary>Ends the handshake with the endpoint that the subscription has now.</summary>
    public CancellationTokenSource? Handshake { get; set; }

    public void Change(SubscriptionSettings settings)
    {
        Settings = settings;
        Filter = EventFilter.Create(Name, settings);
    }
}
