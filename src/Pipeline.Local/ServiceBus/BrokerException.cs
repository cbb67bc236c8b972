namespace Pipeline.Local.ServiceBus;

/// <summary>An operation that the broker did not carry out.</summary>
internal sealed class BrokerException(string message, BrokerFailure reason, string? entityPath = null, Exception? innerException = null)
    : Exception(message, innerException)
{
    /// <summary>Why the operation failed.</summary>
    public BrokerFailure Reason => reason;

    /// <summary>The queue, topic or subscription, where one is concerned.</summary>
    public string? EntityPath => entityPath;

    /// <summary>The message without reason and entity.</summary>
    public string Problem => base.Message;

    /// <inheritdoc/>
    public override string Message =>
        string.IsNullOrEmpty(entityPath) ? $"{base.Message} ({reason})" : $"{base.Message} ({reason}, entity '{entityPath}')";
}
