namespace Pipeline.Local.ServiceBus;

/// <summary>Why an operation of the broker failed, by the names that the official client has for it.</summary>
internal enum BrokerFailure
{
    /// <summary>None of the other reasons.</summary>
    GeneralError,

    /// <summary>No queue, topic, subscription or rule has that name.</summary>
    MessagingEntityNotFound,

    /// <summary>The message's lock has expired, or the message was settled already.</summary>
    MessageLockLost,

    /// <summary>No message has that sequence number.</summary>
    MessageNotFound,

    /// <summary>The message or batch is larger than the entity takes.</summary>
    MessageSizeExceeded,

    /// <summary>The entity is disabled.</summary>
    MessagingEntityDisabled,

    /// <summary>The entity is full.</summary>
    QuotaExceeded,

    /// <summary>The service is throttling.</summary>
    ServiceBusy,

    /// <summary>The operation did not finish in time; it may have been carried out.</summary>
    ServiceTimeout,

    /// <summary>The service cannot be reached.</summary>
    ServiceCommunicationProblem,

    /// <summary>The session is locked by another receiver.</summary>
    SessionCannotBeLocked,

    /// <summary>The session's lock has expired.</summary>
    SessionLockLost,

    /// <summary>An entity or rule of that name exists already.</summary>
    MessagingEntityAlreadyExists,
}
