namespace Pipeline.Local.EventGrid;

/// <summary>One event for one subscription. Due when something has to happen to it: an attempt, its end, its dead letter.</summary>
internal sealed class Delivery : DueItem
{
    public Delivery(StoredEvent stored, EventSubscription subscription)
    {
        Event = stored;
        Subscription = subscription;
        Place = new LinkedListNode<Delivery>(this);
    }

    public StoredEvent Event { get; }

    public EventSubscription Subscription { get; }

    public DeliveryState State { get; set; }

    /// <summary>Attempts that failed.</summary>
    public int FailedAttempts { get; set; }

    /// <summary>UTC ticks of the next attempt.</summary>
    public long NextAttemptTicks { get; set; }

    /// <summary>How the last attempt ended, in Azure's words; <see langword="null"/> before the first.</summary>
    public string? LastOutcome { get; set; }

    /// <summary>Why it was given up; <see langword="null"/> as long as it is not.</summary>
    public string? DeadLetterReason { get; set; }

    /// <summary>UTC ticks at which it was given up.</summary>
    public long GivenUpTicks { get; set; }

    /// <summary>Times that the dead letter could not be written.</summary>
    public int DeadLetterFailures { get; set; }

    public string? DeadLetterError { get; set; }

    /// <summary>Whether it is delivered once more although it was delivered: a test's doing.</summary>
    public bool IsDuplicate { get; set; }

    /// <summary>Its place in <see cref="EventSubscription.Ready"/>.</summary>
    public LinkedListNode<Delivery> Place { get; }
}
