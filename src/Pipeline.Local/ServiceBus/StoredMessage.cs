using System.Collections.ObjectModel;

namespace Pipeline.Local.ServiceBus;

/// <summary>
/// A message as it was accepted: what the sender set, and what the broker stamped on it. Shared by the copies in all
/// subscriptions, so once it is enqueued it never changes.
/// </summary>
internal sealed class StoredMessage(BinaryData body, IReadOnlyDictionary<string, object> properties)
{
    public BinaryData Body => body;
    public BodyKind BodyKind { get; init; }
    public IReadOnlyDictionary<string, object> Properties => properties;
    public string? MessageId { get; init; }
    public string? SessionId { get; init; }
    public string? PartitionKey { get; init; }
    public string? ReplyToSessionId { get; init; }
    public string? TransactionPartitionKey { get; init; }

    /// <summary>The sender's, or what the entity that it was sent to allows if that is less.</summary>
    public TimeSpan TimeToLive { get; set; } = TimeSpan.MaxValue;
    public string? CorrelationId { get; init; }
    public string? Subject { get; init; }
    public string? To { get; init; }
    public string? ContentType { get; init; }
    public string? ReplyTo { get; init; }
    public DateTimeOffset ScheduledEnqueueTime { get; init; }

    public DateTimeOffset EnqueuedTime { get; set; }
    public long EnqueuedSequenceNumber { get; set; }

    /// <summary>Digest of the message id, for duplicate detection.</summary>
    public MessageDigest? Digest { get; init; }

    /// <summary>Size of the record that holds it, for the decision when to compact the journal.</summary>
    public int RecordBytes { get; set; }

    /// <summary>Copies in queues; at 0 its record is garbage.</summary>
    public int Copies { get; set; }

    /// <summary>A snapshot of what is being sent: what the sender does with its buffers and dictionary later has no effect.</summary>
    public static StoredMessage Of(MessageToSend message) =>
        new(
            BinaryData.FromBytes(message.Body.ToArray()),
            new ReadOnlyDictionary<string, object>(new Dictionary<string, object>(message.ApplicationProperties, StringComparer.Ordinal)))
        {
            BodyKind = message.BodyKind,
            MessageId = message.MessageId,
            SessionId = message.SessionId,
            PartitionKey = message.PartitionKey,
            ReplyToSessionId = message.ReplyToSessionId,
            TransactionPartitionKey = message.TransactionPartitionKey,
            TimeToLive = message.TimeToLive,
            CorrelationId = message.CorrelationId,
            Subject = message.Subject,
            To = message.To,
            ContentType = message.ContentType,
            ReplyTo = message.ReplyTo,
            ScheduledEnqueueTime = message.ScheduledEnqueueTime,
            Digest = message.MessageId is { } id ? DuplicateHistory.Digest(id) : null,
        };

    /// <summary>UTC ticks at which a lifetime that began when it was enqueued ends.</summary>
    public long ExpiresTicks(TimeSpan timeToLive) =>
        timeToLive.Ticks >= DateTimeOffset.MaxValue.UtcTicks - EnqueuedTime.UtcTicks ? BrokerMessage.Never : EnqueuedTime.UtcTicks + timeToLive.Ticks;

    /// <summary>The same message, to be enqueued once more with stamps of its own.</summary>
    public StoredMessage Again()
    {
        var again = (StoredMessage)MemberwiseClone();
        again.Copies = 0;
        again.RecordBytes = 0;
        return again;
    }
}
