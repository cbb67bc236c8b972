using Microsoft.Azure.Amqp;
using Microsoft.Azure.Amqp.Framing;

namespace Pipeline.Local.ServiceBus.Amqp;

/// <summary>
/// Messages of the broker in AMQP, as Azure Service Bus hands them out. The lock token is no part of a message: it is the
/// delivery's tag, or stands beside the message.
/// </summary>
internal static class AmqpMessageEncoder
{
    public const string SequenceNumber = "x-opt-sequence-number";
    public const string EnqueuedSequenceNumber = "x-opt-enqueue-sequence-number";
    public const string EnqueuedTime = "x-opt-enqueued-time";
    public const string LockedUntil = "x-opt-locked-until";
    public const string ScheduledEnqueueTime = "x-opt-scheduled-enqueue-time";
    public const string PartitionKey = "x-opt-partition-key";
    public const string ViaPartitionKey = "x-opt-via-partition-key";
    public const string DeadLetterSource = "x-opt-deadletter-source";
    public const string MessageState = "x-opt-message-state";

    /// <summary>A message as a receiver gets it: its delivery count in AMQP is that of the deliveries before this one.</summary>
    public static AmqpMessage ToReceived(BrokerDelivery delivery) => ToAmqp(delivery, delivery.DeliveryCount - 1);

    /// <summary>A message as a host hands it to a worker: its delivery count is that of the message, which counts this delivery too.</summary>
    public static AmqpMessage ToHanded(BrokerDelivery delivery) => ToAmqp(delivery, delivery.DeliveryCount);

    /// <summary>A message as one who peeks sees it.</summary>
    public static AmqpMessage ToPeeked(BrokerDelivery delivery) => ToAmqp(delivery, delivery.DeliveryCount);

    /// <summary>The bytes of a message.</summary>
    public static byte[] Encode(AmqpMessage message)
    {
        using var stream = message.ToStream();
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    private static AmqpMessage ToAmqp(BrokerDelivery delivery, int failedDeliveries)
    {
        var message = AmqpBody.ToMessage(delivery.Content);
        message.Header.Durable = true;
        message.Header.DeliveryCount = (uint)Math.Max(0, failedDeliveries);
        SetProperties(message.Properties, delivery);
        SetLifetime(message, delivery);
        SetAnnotations(message.MessageAnnotations.Map, delivery);
        if (delivery.ApplicationProperties.Count > 0)
        {
            message.ApplicationProperties = new ApplicationProperties();
            foreach (var (name, value) in delivery.ApplicationProperties)
                message.ApplicationProperties.Map[name] = AmqpValues.ToAmqp(value);
        }

        return message;
    }

    private static void SetProperties(Properties properties, BrokerDelivery delivery)
    {
        properties.CreationTime = delivery.EnqueuedTime.UtcDateTime;
        if (delivery.MessageId is { } messageId)
            properties.MessageId = messageId;
        if (delivery.SessionId is { } sessionId)
            properties.GroupId = sessionId;
        if (delivery.CorrelationId is { } correlationId)
            properties.CorrelationId = correlationId;
        if (delivery.Subject is { } subject)
            properties.Subject = subject;
        if (delivery.To is { } to)
            properties.To = to;
        if (delivery.ReplyTo is { } replyTo)
            properties.ReplyTo = replyTo;
        if (delivery.ReplyToSessionId is { } replyToSessionId)
            properties.ReplyToGroupId = replyToSessionId;
        if (delivery.ContentType is { } contentType)
            properties.ContentType = contentType;
    }

    private static void SetLifetime(AmqpMessage message, BrokerDelivery delivery)
    {
        if (delivery.ExpiresAt == DateTimeOffset.MaxValue)
            return;
        message.Header.Ttl = (uint)Math.Min(uint.MaxValue, delivery.TimeToLive.TotalMilliseconds);
        message.Properties.AbsoluteExpiryTime = delivery.ExpiresAt.UtcDateTime;
    }

    private static void SetAnnotations(Annotations annotations, BrokerDelivery delivery)
    {
        annotations[SequenceNumber] = delivery.SequenceNumber;
        annotations[EnqueuedSequenceNumber] = delivery.EnqueuedSequenceNumber;
        annotations[EnqueuedTime] = delivery.EnqueuedTime.UtcDateTime;
        annotations[MessageState] = (int)delivery.State;
        if (delivery.LockedUntil != default)
            annotations[LockedUntil] = delivery.LockedUntil.UtcDateTime;
        if (delivery.ScheduledEnqueueTime != default)
            annotations[ScheduledEnqueueTime] = delivery.ScheduledEnqueueTime.UtcDateTime;
        if (delivery.PartitionKey is { } partitionKey)
            annotations[PartitionKey] = partitionKey;
        if (delivery.TransactionPartitionKey is { } viaPartitionKey)
            annotations[ViaPartitionKey] = viaPartitionKey;
        if (delivery.DeadLetterSource is { } source)
            annotations[DeadLetterSource] = source;
    }
}
