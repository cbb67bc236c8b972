namespace Pipeline.Local.ServiceBus;

/// <summary>A copy of a message that an action changes.</summary>
internal sealed class MessageChange(SqlContext context)
{
    private readonly Dictionary<string, object> _properties = new(context.Properties, StringComparer.Ordinal);
    private readonly Dictionary<string, object?> _system = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The message as it is by now, for the expressions of further statements.</summary>
    public SqlContext Current => new(ToMessage(), _properties, context.NewId);

    public void Set(string name, object? value)
    {
        var key = Key(name);
        _properties[key] = _properties.TryGetValue(key, out var old) ? SqlValues.Converted(value, old)! : value!;
    }

    public void Remove(string name) => _properties.Remove(Key(name));

    /// <exception cref="FilterException">There is no such property, it cannot be set, or not to this value.</exception>
    public void SetSystem(string name, object? value)
    {
        _ = SystemProperties.Get(context, name);
        var canonical = name.ToUpperInvariant() switch
        {
            "SUBJECT" => "LABEL",
            "TRANSACTIONPARTITIONKEY" => "VIAPARTITIONKEY",
            var other => other,
        };
        if (canonical is "ENQUEUEDTIMEUTC" or "EXPIRESATUTC" or "ENQUEUEDSEQUENCENUMBER" or "SEQUENCENUMBER" or "DELIVERYCOUNT" or "SIZE")
            throw new FilterException($"'sys.{name}' cannot be set.");
        if (value is not (null or string) && canonical is not ("TIMETOLIVE" or "SCHEDULEDENQUEUETIMEUTC"))
            throw new FilterException($"'sys.{name}' is text and cannot be set to a {value.GetType().Name}.");
        if (value is string { Length: > 128 } && (canonical is "MESSAGEID" or "SESSIONID" or "PARTITIONKEY" or "REPLYTOSESSIONID" or "VIAPARTITIONKEY"))
            throw new FilterException($"'sys.{name}' has more than 128 characters.");
        if (canonical == "TIMETOLIVE" && value is not TimeSpan)
            throw new FilterException("'sys.TimeToLive' is a duration: only another one can be given to it.");
        _system[canonical] = value;
    }

    public StoredMessage ToMessage()
    {
        var m = context.Message;
        return new StoredMessage(m.Body, _properties.AsReadOnly())
        {
            BodyKind = m.BodyKind,
            MessageId = Text("MESSAGEID", m.MessageId),
            SessionId = Text("SESSIONID", m.SessionId),
            PartitionKey = Text("PARTITIONKEY", m.PartitionKey),
            ReplyToSessionId = Text("REPLYTOSESSIONID", m.ReplyToSessionId),
            TransactionPartitionKey = Text("VIAPARTITIONKEY", m.TransactionPartitionKey),
            CorrelationId = Text("CORRELATIONID", m.CorrelationId),
            Subject = Text("LABEL", m.Subject),
            To = Text("TO", m.To),
            ContentType = Text("CONTENTTYPE", m.ContentType),
            ReplyTo = Text("REPLYTO", m.ReplyTo),
            TimeToLive = _system.TryGetValue("TIMETOLIVE", out var time) && time is TimeSpan span ? span : m.TimeToLive,
            ScheduledEnqueueTime = m.ScheduledEnqueueTime,
            EnqueuedTime = m.EnqueuedTime,
            EnqueuedSequenceNumber = m.EnqueuedSequenceNumber,
            Digest = Text("MESSAGEID", m.MessageId) is { } id ? DuplicateHistory.Digest(id) : null,
        };
    }

    private string Key(string name) =>
        _properties.ContainsKey(name) ? name : _properties.Keys.FirstOrDefault(key => key.Equals(name, StringComparison.OrdinalIgnoreCase)) ?? name;

    private string? Text(string name, string? old) => _system.TryGetValue(name, out var value) ? value as string : old;
}
