namespace Pipeline.Local.EventGrid;

/// <content>What a test host needs to know: what is under way, and what waits for the time.</content>
internal sealed partial class EventGridTopic
{
    private int _handshakesUnderWay;

    /// <summary>Deliveries, dead letters being written and handshakes under way, and who waits for what.</summary>
    public TopicState State()
    {
        using var held = Enter();
        return new TopicState(
            _subscriptions.Values.Sum(s => s.InFlight),
            _deadLettersInFlight,
            Volatile.Read(ref _handshakesUnderWay),
            [
                .. _subscriptions.Values.Where(s => s.Deliveries.Count > s.InFlight).Select(s => (
                    s.Name,
                    s.Deliveries.Count - s.InFlight,
                    NextOf(s))),
            ]);
    }

    private static DateTimeOffset? NextOf(EventSubscription subscription) =>
        subscription.Deliveries.Values.Where(d => d.State is DeliveryState.Waiting or DeliveryState.GivenUp && d.DueTicks > 0).Select(d => d.DueTicks)
            .DefaultIfEmpty().Min() is > 0 and var ticks
            ? new DateTimeOffset(ticks, TimeSpan.Zero)
            : null;
}
