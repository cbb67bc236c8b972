namespace Pipeline.Consumers;

/// <summary>What to do with a delivery.</summary>
public enum SettlementKind
{
    /// <summary>Deliver it again; the delivery counts against the message.</summary>
    Abandon,

    /// <summary>It had its effect, now or before.</summary>
    Complete,

    /// <summary>It is stored as a dead letter: move it to the dead-letter queue, whose processor takes it away.</summary>
    DeadLetter,

    /// <summary>
    /// Nothing could be decided, for a reason that is not the message's own: abandon it by its own lock token, with
    /// <see cref="ReceivedMessage.GiveBackProperties"/>. It is the next of its session again, so that no message overtakes it.
    /// </summary>
    GiveBack,

    /// <summary>Nothing was written: the sender is told why. Only for messages that did not come through the broker.</summary>
    Refuse,
}
