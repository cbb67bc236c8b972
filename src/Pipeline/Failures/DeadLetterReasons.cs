namespace Pipeline.Failures;

/// <summary>Why a message became a dead letter. Also the Service Bus dead-letter reason.</summary>
public static class DeadLetterReasons
{
    /// <summary>The body is not JSON.</summary>
    public const string NotJson = "NotJson";

    /// <summary>The body is JSON, but not a CloudEvent 1.0.</summary>
    public const string NotACloudEvent = "NotACloudEvent";

    /// <summary>The consumer has no handler for this type.</summary>
    public const string UnknownType = "UnknownType";

    /// <summary>The type is known, but not in this version.</summary>
    public const string UnsupportedVersion = "UnsupportedVersion";

    /// <summary>The event's id, source or subject is longer than can be kept.</summary>
    public const string IdTooLong = "IdTooLong";

    /// <summary>The data does not fit the type's contract.</summary>
    public const string ContractViolation = "ContractViolation";

    /// <summary>The data was stored apart from the event, and is gone. If it can be put back, a replay finds it.</summary>
    public const string PayloadMissing = "PayloadMissing";

    /// <summary>The handler failed in a way that trying again cannot mend.</summary>
    public const string HandlerFailed = "HandlerFailed";

    /// <summary>The handler failed in a way that is transient. The message waits for a retry.</summary>
    public const string TransientFailure = "TransientFailure";

    /// <summary>The gateway that the handler needs fails for all messages. The message waits for a retry, and none of its retries is used up.</summary>
    public const string GatewayUnavailable = "GatewayUnavailable";

    /// <summary>The message was delivered, or retried, too often without being handled.</summary>
    public const string AttemptsExhausted = "AttemptsExhausted";

    /// <summary>An earlier message of the same subject is a dead letter; this one waits behind it.</summary>
    public const string BlockedByPredecessor = "BlockedByPredecessor";

    /// <summary>Records of the consumer's partition are missing or cannot be read. Once they are restored, a replay can succeed.</summary>
    public const string DamagedPartition = "DamagedPartition";

    /// <summary>A later message of the same subject was handled, and nothing tells whether this one was.</summary>
    public const string OutOfOrder = "OutOfOrder";

    /// <summary>Older than inbox records are kept, so that nothing tells whether it was handled.</summary>
    public const string Expired = "Expired";

    /// <summary>Dated further ahead than the clocks of sender and receiver may differ: its age could not be told for long enough.</summary>
    public const string DatedAhead = "DatedAhead";
}
