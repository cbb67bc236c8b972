namespace Pipeline.Local.ServiceBus;

/// <summary>What is under <c>sys.</c>: the properties of a message that are not the application's.</summary>
internal static class SystemProperties
{
    /// <exception cref="FilterException">There is no such property.</exception>
    public static object? Get(SqlContext context, string name)
    {
        var message = context.Message;
        return name.ToUpperInvariant() switch
        {
            "CONTENTTYPE" => message.ContentType,
            "CORRELATIONID" => message.CorrelationId,
            "LABEL" or "SUBJECT" => message.Subject,
            "MESSAGEID" => message.MessageId,
            "PARTITIONKEY" => message.PartitionKey,
            "REPLYTO" => message.ReplyTo,
            "REPLYTOSESSIONID" => message.ReplyToSessionId,
            "SESSIONID" => message.SessionId,
            "TO" => message.To,
            "VIAPARTITIONKEY" or "TRANSACTIONPARTITIONKEY" => message.TransactionPartitionKey,
            "TIMETOLIVE" => message.TimeToLive,
            "SCHEDULEDENQUEUETIMEUTC" => message.ScheduledEnqueueTime.UtcDateTime,
            "ENQUEUEDTIMEUTC" => message.EnqueuedTime.UtcDateTime,
            "EXPIRESATUTC" => new DateTime(Math.Min(message.ExpiresTicks(message.TimeToLive), DateTime.MaxValue.Ticks), DateTimeKind.Utc),
            "ENQUEUEDSEQUENCENUMBER" or "SEQUENCENUMBER" => message.EnqueuedSequenceNumber,
            "DELIVERYCOUNT" => 0L,
            "SIZE" => (long)message.Body.ToMemory().Length,
            _ => throw new FilterException($"There is no system property 'sys.{name}'."),
        };
    }
}
