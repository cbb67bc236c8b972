using Microsoft.Azure.Amqp;
using Microsoft.Azure.Amqp.Framing;

namespace Pipeline.Local.ServiceBus.Amqp;

/// <summary>Messages that clients send.</summary>
internal static class AmqpMessageDecoder
{
    /// <summary>Message format of a batch: every data section is a message of its own.</summary>
    public const uint BatchFormat = 0x80013700;

    private const int MaxBatchMessages = 10_000;

    /// <summary>What a transfer holds: one message, or those of a batch.</summary>
    /// <exception cref="ArgumentException">It is no message that can be.</exception>
    public static IReadOnlyList<MessageToSend> FromTransfer(AmqpMessage message)
    {
        if (message.MessageFormat != BatchFormat)
            return [FromAmqp(message)];
        var messages = message.DataBody?.Select(data => FromBytes((ArraySegment<byte>)data.Value)).Take(MaxBatchMessages + 1).ToList() ?? [];
        return messages.Count <= MaxBatchMessages
            ? messages
            : throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"A batch has at most {MaxBatchMessages} messages."));
    }

    public static MessageToSend FromBytes(ArraySegment<byte> bytes)
    {
        using var message = AmqpMessage.CreateAmqpStreamMessage(new BufferListStream([bytes]), payloadInitialized: true);
        return FromAmqp(message);
    }

    private static MessageToSend FromAmqp(AmqpMessage source)
    {
        var (body, kind) = AmqpBody.FromMessage(source);
        var message = new MessageToSend(body)
        {
            BodyKind = kind,
            TimeToLive = TimeToLiveOf(source),
            ApplicationProperties = AmqpValues.ToProperties(source.Sections.HasFlag(SectionFlag.ApplicationProperties) ? source.ApplicationProperties.Map : []),
        };
        if (source.Sections.HasFlag(SectionFlag.Properties))
            ReadProperties(source.Properties, message);
        if (source.Sections.HasFlag(SectionFlag.MessageAnnotations))
            ReadAnnotations(source.MessageAnnotations.Map, message);
        return message;
    }

    private static void ReadProperties(Properties properties, MessageToSend message)
    {
        message.MessageId = properties.MessageId?.ToString();
        message.SessionId = properties.GroupId;
        message.CorrelationId = properties.CorrelationId?.ToString();
        message.Subject = properties.Subject;
        message.To = properties.To?.ToString();
        message.ReplyTo = properties.ReplyTo?.ToString();
        message.ReplyToSessionId = properties.ReplyToGroupId;
        message.ContentType = properties.ContentType.Value;
    }

    private static void ReadAnnotations(Annotations annotations, MessageToSend message)
    {
        message.PartitionKey = annotations[AmqpMessageEncoder.PartitionKey] as string;
        message.TransactionPartitionKey = annotations[AmqpMessageEncoder.ViaPartitionKey] as string;
        if (annotations[AmqpMessageEncoder.ScheduledEnqueueTime] is DateTime time)
            message.ScheduledEnqueueTime = new DateTimeOffset(time.ToUniversalTime(), TimeSpan.Zero);
    }

    /// <summary>The header has at most 49 days; a longer lifetime is the difference of two times.</summary>
    private static TimeSpan TimeToLiveOf(AmqpMessage message)
    {
        if (message.Sections.HasFlag(SectionFlag.Properties)
            && message.Properties is { AbsoluteExpiryTime: { } expires, CreationTime: { } created }
            && message.Sections.HasFlag(SectionFlag.Header)
            && message.Header.Ttl == uint.MaxValue)
        {
            return expires - created;
        }

        return message.Sections.HasFlag(SectionFlag.Header) && message.Header.Ttl is { } milliseconds ? TimeSpan.FromMilliseconds(milliseconds) : TimeSpan.MaxValue;
    }
}
