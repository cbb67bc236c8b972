namespace Pipeline.Client;

/// <summary>An outbox record that cannot be published, or that could not and was discarded.</summary>
/// <param name="Container">The service's container.</param>
/// <param name="Partition">The subject that it holds up.</param>
/// <param name="Number">Its first outgoing number.</param>
/// <param name="Types">The types of its messages.</param>
/// <param name="Reason">Why it is quarantined.</param>
/// <param name="Since">Since when.</param>
/// <param name="Followers">How many records wait behind it.</param>
/// <param name="EventGridOnly">Whether Service Bus has its messages, so that only Event Grid lacks them and nothing waits.</param>
/// <param name="Discarded">Who discarded it, when and why; <see langword="null"/> while it is quarantined.</param>
public sealed record QuarantinedMessageSummary(
    string Container,
    string Partition,
    long Number,
    IReadOnlyList<string> Types,
    string Reason,
    DateTimeOffset Since,
    int Followers,
    bool EventGridOnly,
    DiscardDetails? Discarded);
