namespace Pipeline.Consumers;

/// <summary>One delivery of a message by the broker, free of the broker's types.</summary>
public sealed record Delivery
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

    /// <summary>Property that names the ledger entry a replay is of.</summary>
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

    /// <summary>The ledger entry that this message replays; <see langword="null"/> if it is no replay.</summary>
    internal string? ReplayOf => Properties.GetValueOrDefault(EntryProperty) is { } id && Messages.Ids.IsLedgerEntry(id) ? id : null;

    internal string? ReplayId => Properties.GetValueOrDefault(ReplayProperty);

    internal int ReplayAttempt =>
        int.TryParse(Properties.GetValueOrDefault(AttemptProperty), System.Globalization.CultureInfo.InvariantCulture, out var attempt) ? attempt : 0;
}

/// <summary>What to do with a delivery.</summary>
public enum SettlementKind
{
    /// <summary>It had its effect, now or before.</summary>
    Complete,

    /// <summary>Deliver it again; the delivery counts against the message.</summary>
    Abandon,

    /// <summary>It is in the ledger; move it to the dead-letter queue, where the intake takes it away.</summary>
    DeadLetter,

    /// <summary>
    /// Nothing could be decided, for a reason that is not the message's own: abandon it by its own lock token, with
    /// <see cref="Delivery.GiveBackProperties"/>. It is the next of its session again, so that nothing overtakes it.
    /// </summary>
    GiveBack,

    /// <summary>Nothing was written: whoever sent it is told why. Only for what did not come through the broker.</summary>
    Refuse,
}

/// <summary>The outcome of a handling. Every path returns one.</summary>
/// <param name="Kind">What to do with the delivery.</param>
/// <param name="Reason">For a dead letter or refusal: one of <see cref="Ledger.Reasons"/>.</param>
/// <param name="Description">For a dead letter or refusal: what happened.</param>
public readonly record struct Settlement(SettlementKind Kind, string? Reason = null, string? Description = null)
{
    internal static Settlement Complete => new(SettlementKind.Complete);

    internal static Settlement Abandon => new(SettlementKind.Abandon);

    internal static Settlement GiveBack => new(SettlementKind.GiveBack);

    internal static Settlement Refuse(string reason, string description) => new(SettlementKind.Refuse, reason, description);

    internal static Settlement DeadLetter(string reason, string description) => new(SettlementKind.DeadLetter, reason, description);
}

/// <summary>Thrown by a handler or gateway when trying again cannot help. The message goes to the ledger at once.</summary>
public sealed class PermanentFailureException : Exception
{
    /// <summary>Creates the exception.</summary>
    public PermanentFailureException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
