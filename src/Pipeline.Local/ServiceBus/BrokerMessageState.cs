namespace Pipeline.Local.ServiceBus;

/// <summary>State of a message in its entity.</summary>
internal enum BrokerMessageState
{
    /// <summary>Available, or locked by a receiver.</summary>
    Active = 0,

    /// <summary>Set aside; received by sequence number only.</summary>
    Deferred = 1,

    /// <summary>To be enqueued at a later time.</summary>
    Scheduled = 2,
}
