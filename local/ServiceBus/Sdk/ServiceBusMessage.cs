namespace Azure.Messaging.ServiceBus;

/// <summary>A message to send.</summary>
public class ServiceBusMessage
{
    private const int MaxIdLength = 128;

    private BinaryData _body;
    private string? _messageId;
    private string? _sessionId;
    private string? _partitionKey;
    private string? _replyToSessionId;
    private string? _transactionPartitionKey;
    private TimeSpan _timeToLive = TimeSpan.MaxValue;

    /// <summary>A message with an empty body.</summary>
    public ServiceBusMessage()
        : this(default(ReadOnlyMemory<byte>))
    {
    }

    /// <summary>A message with the UTF-8 bytes of <paramref name="body"/>.</summary>
    public ServiceBusMessage(string body)
        : this(new BinaryData(body))
    {
    }

    /// <summary>A message with these bytes.</summary>
    public ServiceBusMessage(ReadOnlyMemory<byte> body)
        : this(BinaryData.FromBytes(body))
    {
    }

    /// <summary>A message with this body.</summary>
    public ServiceBusMessage(BinaryData body)
    {
        ArgumentNullException.ThrowIfNull(body);
        _body = body;
        ApplicationProperties = new Dictionary<string, object>(StringComparer.Ordinal);
    }

    /// <summary>
    /// A copy of a received message, to be sent again: everything its sender set, without what the broker set
    /// and without the dead-letter reason and description.
    /// </summary>
    public ServiceBusMessage(ServiceBusReceivedMessage receivedMessage)
    {
        ArgumentNullException.ThrowIfNull(receivedMessage);
        var content = receivedMessage.Content;
        _body = content.Body;
        _messageId = content.MessageId;
        _sessionId = content.SessionId;
        _partitionKey = content.PartitionKey;
        _replyToSessionId = content.ReplyToSessionId;
        _timeToLive = receivedMessage.TimeToLive;
        _transactionPartitionKey = content.TransactionPartitionKey;
        Subject = content.Subject;
        To = content.To;
        ContentType = content.ContentType;
        CorrelationId = content.CorrelationId;
        ReplyTo = content.ReplyTo;
        var properties = new Dictionary<string, object>(receivedMessage.ApplicationProperties, StringComparer.Ordinal);
        properties.Remove(ServiceBusReceivedMessage.DeadLetterReasonProperty);
        properties.Remove(ServiceBusReceivedMessage.DeadLetterErrorDescriptionProperty);
        ApplicationProperties = properties;
    }

    /// <summary>The body.</summary>
    public BinaryData Body
    {
        get => _body;
        set
        {
            ArgumentNullException.ThrowIfNull(value);
            _body = value;
        }
    }

    /// <summary>Id for duplicate detection, 1 to 128 characters. Not generated: a message without one is never a duplicate.</summary>
    public string? MessageId
    {
        get => _messageId;
        set
        {
            ArgumentException.ThrowIfNullOrEmpty(value);
            _messageId = NotTooLong(value, nameof(MessageId));
        }
    }

    /// <summary>Session, at most 128 characters. Sets the partition key, if there is one, to the same value.</summary>
    public string? SessionId
    {
        get => _sessionId;
        set
        {
            _sessionId = NotTooLong(value, nameof(SessionId));
            if (_partitionKey is not null)
                _partitionKey = value;
        }
    }

    /// <summary>Partition key, at most 128 characters; equal to the session id where that is set.</summary>
    public string? PartitionKey
    {
        get => _partitionKey;
        set
        {
            if (_sessionId is not null && !string.Equals(_sessionId, value, StringComparison.Ordinal))
                throw new ArgumentOutOfRangeException(nameof(value), value, $"The partition key must equal the session id '{_sessionId}'.");
            _partitionKey = NotTooLong(value, nameof(PartitionKey));
        }
    }

    /// <summary>Session to reply to, at most 128 characters.</summary>
    public string? ReplyToSessionId
    {
        get => _replyToSessionId;
        set => _replyToSessionId = NotTooLong(value, nameof(ReplyToSessionId));
    }

    /// <summary>Partition key of a transfer queue, at most 128 characters. Kept and handed on; no entity here has partitions.</summary>
    public string? TransactionPartitionKey
    {
        get => _transactionPartitionKey;
        set => _transactionPartitionKey = NotTooLong(value, nameof(TransactionPartitionKey));
    }

    /// <summary>Lifetime from when it is enqueued, more than zero. Default: for ever. An entity's default is also the most.</summary>
    public TimeSpan TimeToLive
    {
        get => _timeToLive;
        set
        {
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(value, TimeSpan.Zero);
            _timeToLive = value;
        }
    }

    /// <summary>Correlation id.</summary>
    public string? CorrelationId { get; set; }

    /// <summary>Subject (label) of the application.</summary>
    public string? Subject { get; set; }

    /// <summary>Address; the broker does not read it.</summary>
    public string? To { get; set; }

    /// <summary>MIME type of the body.</summary>
    public string? ContentType { get; set; }

    /// <summary>Address to reply to.</summary>
    public string? ReplyTo { get; set; }

    /// <summary>When the message becomes available; a time that has come means at once. Default: at once.</summary>
    public DateTimeOffset ScheduledEnqueueTime { get; set; }

    /// <summary>Properties of the application, which the rules of subscriptions see.</summary>
    public IDictionary<string, object> ApplicationProperties { get; }

    /// <summary>The body as text.</summary>
    public override string ToString() => Body.ToString();

    private static string? NotTooLong(string? value, string property)
    {
        if (value?.Length > MaxIdLength)
            throw new ArgumentOutOfRangeException(nameof(value), value, $"{property} is longer than {MaxIdLength} characters.");
        return value;
    }
}
