namespace Azure.Messaging.ServiceBus;

/// <summary>Why a Service Bus operation failed.</summary>
public enum ServiceBusFailureReason
{
    /// <summary>None of the other reasons.</summary>
    GeneralError = 0,

    /// <summary>No queue, topic or subscription has that name.</summary>
    MessagingEntityNotFound = 1,

    /// <summary>The message's lock has expired, or the message was settled already.</summary>
    MessageLockLost = 2,

    /// <summary>No message has that sequence number.</summary>
    MessageNotFound = 3,

    /// <summary>The message or batch is larger than the entity takes.</summary>
    MessageSizeExceeded = 4,

    /// <summary>The entity is disabled.</summary>
    MessagingEntityDisabled = 5,

    /// <summary>The entity is full.</summary>
    QuotaExceeded = 6,

    /// <summary>The service is throttling.</summary>
    ServiceBusy = 7,

    /// <summary>The operation did not finish in time; it may have been carried out.</summary>
    ServiceTimeout = 8,

    /// <summary>The service cannot be reached.</summary>
    ServiceCommunicationProblem = 9,

    /// <summary>The session is locked by another receiver.</summary>
    SessionCannotBeLocked = 10,

    /// <summary>The session's lock has expired.</summary>
    SessionLockLost = 11,

    /// <summary>An entity of that name exists already.</summary>
    MessagingEntityAlreadyExists = 12,
}

/// <summary>A failed Service Bus operation.</summary>
public class ServiceBusException : Exception
{
    /// <summary>For mocking.</summary>
    public ServiceBusException()
    {
    }

    /// <summary>A failure with an explicit statement whether trying again may help.</summary>
    public ServiceBusException(
        bool isTransient,
        string message,
        string? entityName = default,
        ServiceBusFailureReason reason = ServiceBusFailureReason.GeneralError,
        Exception? innerException = default)
        : base(message, innerException)
    {
        IsTransient = isTransient;
        EntityPath = entityName;
        Reason = reason;
    }

    /// <summary>A failure that is transient if <paramref name="reason"/> is.</summary>
    public ServiceBusException(
        string message, ServiceBusFailureReason reason, string? entityPath = default, Exception? innerException = default)
        : this(IsTransientReason(reason), message, entityPath, reason, innerException)
    {
    }

    /// <summary>The queue, topic or subscription, where one is concerned.</summary>
    public string? EntityPath { get; }

    /// <summary>Whether the same call may succeed later.</summary>
    public bool IsTransient { get; }

    /// <summary>Why the operation failed.</summary>
    public ServiceBusFailureReason Reason { get; }

    /// <inheritdoc/>
    public override string Message =>
        string.IsNullOrEmpty(EntityPath) ? $"{base.Message} ({Reason})" : $"{base.Message} ({Reason}, entity '{EntityPath}')";

    private static bool IsTransientReason(ServiceBusFailureReason reason) => reason is
        ServiceBusFailureReason.ServiceCommunicationProblem
        or ServiceBusFailureReason.ServiceTimeout
        or ServiceBusFailureReason.ServiceBusy;
}
