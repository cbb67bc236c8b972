using System.Collections.ObjectModel;
using Pipeline.Local.ServiceBus;

namespace Azure.Messaging.ServiceBus;

/// <summary>Builds messages and batches for tests.</summary>
public static class ServiceBusModelFactory
{
    /// <summary>A received message with these values.</summary>
    public static ServiceBusReceivedMessage ServiceBusReceivedMessage(
        BinaryData? body = default,
        string? messageId = default,
        string? partitionKey = default,
        string? viaPartitionKey = default,
        string? sessionId = default,
        string? replyToSessionId = default,
        TimeSpan timeToLive = default,
        string? correlationId = default,
        string? subject = default,
        string? to = default,
        string? contentType = default,
        string? replyTo = default,
        DateTimeOffset scheduledEnqueueTime = default,
        IDictionary<string, object>? properties = default,
        Guid lockTokenGuid = default,
        int deliveryCount = default,
        DateTimeOffset lockedUntil = default,
        long sequenceNumber = -1,
        string? deadLetterSource = default,
        long enqueuedSequenceNumber = default,
        DateTimeOffset enqueuedTime = default,
        ServiceBusMessageState serviceBusMessageState = ServiceBusMessageState.Active)
    {
        var copy = new ReadOnlyDictionary<string, object>(
            properties is null ? new Dictionary<string, object>(StringComparer.Ordinal) : new Dictionary<string, object>(properties, StringComparer.Ordinal));
        var content = new StoredMessage(body ?? BinaryData.Empty, copy)
        {
            MessageId = messageId,
            PartitionKey = partitionKey,
            TransactionPartitionKey = viaPartitionKey,
            SessionId = sessionId,
            ReplyToSessionId = replyToSessionId,
            TimeToLive = timeToLive == default ? TimeSpan.MaxValue : timeToLive,
            CorrelationId = correlationId,
            Subject = subject,
            To = to,
            ContentType = contentType,
            ReplyTo = replyTo,
            ScheduledEnqueueTime = scheduledEnqueueTime,
            EnqueuedTime = enqueuedTime,
            EnqueuedSequenceNumber = enqueuedSequenceNumber,
        };
        return new ServiceBusReceivedMessage(content, copy)
        {
            LockTokenGuid = lockTokenGuid,
            DeliveryCount = deliveryCount,
            OwnLockedUntil = lockedUntil,
            SequenceNumber = sequenceNumber,
            DeadLetterSource = deadLetterSource,
            State = serviceBusMessageState,
        };
    }

    /// <summary>A batch that keeps what is added to it in <paramref name="batchMessageStore"/>.</summary>
    /// <param name="batchSizeBytes">What the batch states as its size.</param>
    /// <param name="batchMessageStore">Receives the messages.</param>
    /// <param name="batchOptions">States the limit of the batch.</param>
    /// <param name="tryAddCallback">Decides whether a message fits; <see langword="null"/>: every message does.</param>
    public static ServiceBusMessageBatch ServiceBusMessageBatch(
        long batchSizeBytes,
        IList<ServiceBusMessage> batchMessageStore,
        CreateMessageBatchOptions? batchOptions = default,
        Func<ServiceBusMessage, bool>? tryAddCallback = default) =>
        new(batchOptions?.MaxSizeInBytes ?? long.MaxValue, batchMessageStore, batchSizeBytes, tryAddCallback ?? (static _ => true));
}
