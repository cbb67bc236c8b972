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
    public IReadOnlyDictionary<string, string> Properties { get; init; } = new Dictionary<string, string>();

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

    /// <summary>Deliver it again; the delivery count rises.</summary>
    Abandon,

    /// <summary>It is in the ledger; move it to the dead-letter queue, where the intake takes it away.</summary>
    DeadLetter,

    /// <summary>Nothing could be decided: give the session back unsettled, so that nothing behind the message overtakes it.</summary>
    ReleaseSession,
}

/// <summary>The outcome of a handling. Every path returns one.</summary>
/// <param name="Kind">What to do with the delivery.</param>
/// <param name="Reason">For a dead letter: one of <see cref="Ledger.Reasons"/>.</param>
/// <param name="Description">For a dead letter: what happened.</param>
public readonly record struct Settlement(SettlementKind Kind, string? Reason = null, string? Description = null)
{
    internal static Settlement Complete => new(SettlementKind.Complete);

    internal static Settlement Abandon => new(SettlementKind.Abandon);

    internal static Settlement ReleaseSession => new(SettlementKind.ReleaseSession);

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
