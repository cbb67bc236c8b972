namespace Pipeline.Consumers;

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
    /// <see cref="ReceivedMessage.GiveBackProperties"/>. It is the next of its session again, so that nothing overtakes it.
    /// </summary>
    GiveBack,

    /// <summary>Nothing was written: whoever sent it is told why. Only for what did not come through the broker.</summary>
    Refuse,
}
