using Pipeline.Storage;

namespace Pipeline.Consumers;

/// <summary>One delivery of a message by the broker, free of the broker's types.</summary>
public sealed record ReceivedMessage
{
    /// <summary>The body as it came.</summary>
    public required ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>The session: the ordering key, and the partition of the consumer that is written. <see langword="null"/> only for what the broker dead-lettered for lack of one.</summary>
    public required string? SessionId { get; init; }

    /// <summary>The broker's message id.</summary>
    public string? MessageId { get; init; }

    /// <summary>How often the message was delivered, this time included; starts at 1. 0 where the sender does not say (Event Grid).</summary>
    public required int DeliveryCount { get; init; }

    /// <summary>When the broker took the message; <see langword="null"/> where it does not say.</summary>
    public DateTimeOffset? EnqueuedAt { get; init; }

    /// <summary>Application properties, as text.</summary>
    public IReadOnlyDictionary<string, string> Properties { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Why the message was dead-lettered; <see langword="null"/> outside a dead-letter queue.</summary>
    public string? DeadLetterReason { get; init; }

    /// <summary>What the dead-lettering said about it.</summary>
    public string? DeadLetterDescription { get; init; }

    /// <summary>Property that names the replay a message was sent for.</summary>
    public const string ReplayProperty = "replayid";

    /// <summary>Property that names the dead letter a replay is of.</summary>
    public const string EntryProperty = "ledgerentry";

    /// <summary>Property with the entry's attempt number.</summary>
    public const string AttemptProperty = "replayattempt";

    /// <summary>Property that notes how many deliveries ended for a reason that was not the message's own, and the last of them: <c>COUNT/DELIVERY</c>.</summary>
    public const string GivenBackProperty = "givenback";

    /// <summary>
    /// The properties to put on the message when it is given back (<see cref="SettlementKind.GiveBack"/>), so that this delivery
    /// does not count against <see cref="ConsumerOptions.MaxDeliveries"/>.
    /// </summary>
    public Dictionary<string, object> GiveBackProperties() => new(StringComparer.Ordinal)
    {
        [GivenBackProperty] = new GivenBack(Noted.ExcusedAt(DeliveryCount) + 1, DeliveryCount).ToString(),
    };

    /// <summary>Deliveries that count against the message, this one included.</summary>
    internal int CountedDeliveries => DeliveryCount - Noted.ExcusedAt(DeliveryCount);

    /// <summary>How often the message was given back in all.</summary>
    internal int TimesGivenBack => Noted.Count;

    /// <summary>
    /// Deliveries that counted against the message when it was given back last; <see langword="null"/> if it never was. For a dead
    /// letter, whose own deliveries say nothing.
    /// </summary>
    internal int? CountedWhenGivenBack =>
        GivenBack.Read(Properties.GetValueOrDefault(GivenBackProperty), int.MaxValue) is { Count: > 0 } note ? note.Delivery - note.Count : null;

    /// <summary>The properties but for those of a replay.</summary>
    internal IReadOnlyDictionary<string, string> GivenBackAlone =>
        Properties.Where(p => p.Key == GivenBackProperty).ToDictionary(StringComparer.Ordinal);

    private GivenBack Noted => GivenBack.Read(Properties.GetValueOrDefault(GivenBackProperty), DeliveryCount);

    /// <summary>The dead letter that this message replays; <see langword="null"/> if it is no replay.</summary>
    internal DeadLetterId? ReplayOf => Properties.GetValueOrDefault(EntryProperty) is { } id && Ids.IsDeadLetter(id) ? new DeadLetterId(id) : null;

    internal string? ReplayId => Properties.GetValueOrDefault(ReplayProperty);

    internal int ReplayAttempt =>
        int.TryParse(Properties.GetValueOrDefault(AttemptProperty), System.Globalization.CultureInfo.InvariantCulture, out var attempt) ? attempt : 0;
}
