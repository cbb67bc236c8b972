namespace Azure.Messaging.ServiceBus;

/// <summary>Which queue of an entity a receiver reads.</summary>
public enum SubQueue
{
    /// <summary>The queue or subscription itself.</summary>
    None = 0,

    /// <summary>The dead-letter queue of the queue or subscription.</summary>
    DeadLetter = 1,

    /// <summary>The transfer dead-letter queue. The embedded broker forwards at once and never needs it; it refuses it.</summary>
    TransferDeadLetter = 2,
}

/// <summary>How a receiver takes messages.</summary>
public enum ServiceBusReceiveMode
{
    /// <summary>A received message is locked until it is settled or its lock expires.</summary>
    PeekLock = 0,

    /// <summary>A received message is gone from the broker.</summary>
    ReceiveAndDelete = 1,
}

/// <summary>State of a message in its entity.</summary>
public enum ServiceBusMessageState
{
    /// <summary>Available, or locked by a receiver.</summary>
    Active = 0,

    /// <summary>Set aside; received by sequence number only.</summary>
    Deferred = 1,

    /// <summary>To be enqueued at a later time.</summary>
    Scheduled = 2,
}

/// <summary>Protocol towards Azure Service Bus. The embedded broker is called in process, whatever is chosen.</summary>
public enum ServiceBusTransportType
{
    /// <summary>AMQP over TCP.</summary>
    AmqpTcp = 0,

    /// <summary>AMQP over WebSockets.</summary>
    AmqpWebSockets = 1,
}

/// <summary>How delays between the retries of the Azure client grow.</summary>
public enum ServiceBusRetryMode
{
    /// <summary>Always the same delay.</summary>
    Fixed = 0,

    /// <summary>Each delay is longer than the one before.</summary>
    Exponential = 1,
}
