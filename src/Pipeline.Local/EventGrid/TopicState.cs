namespace Pipeline.Local.EventGrid;

/// <summary>What a topic does.</summary>
/// <param name="InFlight">Deliveries under way.</param>
/// <param name="DeadLettersInFlight">Dead letters being written.</param>
/// <param name="Handshakes">Handshakes under way.</param>
/// <param name="Waiting">By subscription: events that are not delivered and not under way, and when the first is due; null: when the subscription is open.</param>
internal sealed record TopicState(
    int InFlight, int DeadLettersInFlight, int Handshakes, IReadOnlyList<(string Subscription, int Count, DateTimeOffset? Next)> Waiting);
