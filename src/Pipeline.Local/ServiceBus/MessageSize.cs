using System.Runtime.Serialization;
using System.Text;

namespace Pipeline.Local.ServiceBus;

/// <summary>
/// Size of messages as the Standard tier limits it. An estimate of the AMQP encoding, on the large side by a few bytes
/// a message, so that what fits here fits there.
/// </summary>
internal static class MessageSize
{
    /// <summary>Limit of a message and of a batch.</summary>
    public const long MaxBytes = 256 * 1024;

    /// <summary>Limit of everything but the body.</summary>
    public const long MaxHeaderBytes = 64 * 1024;

    /// <summary>Limit of one application property's value.</summary>
    public const long MaxPropertyBytes = 32 * 1024;

    /// <summary>What a batch weighs before its first message.</summary>
    public const long BatchEnvelopeBytes = 100;

    private const int SectionBytes = 60;
    private const int BatchEntryBytes = 8;

    /// <summary>What a message adds to a batch.</summary>
    public static long InBatch(MessageToSend message) => Of(message) + BatchEntryBytes;

    /// <summary>Size of a message sent by itself.</summary>
    /// <exception cref="SerializationException">A property has a type that cannot be sent, or properties are too large.</exception>
    public static long Of(MessageToSend message)
    {
        long header = SectionBytes
            + Of(message.MessageId) + Of(message.SessionId) + Of(message.PartitionKey) + Of(message.ReplyToSessionId)
            + Of(message.CorrelationId) + Of(message.Subject) + Of(message.To) + Of(message.ContentType) + Of(message.ReplyTo);
        return Checked(header + OfProperties(message.ApplicationProperties)) + message.Body.ToMemory().Length;
    }

    /// <summary>Checks the properties that a settlement leaves a message with.</summary>
    /// <exception cref="SerializationException">One has a type that cannot be sent, or they are too large.</exception>
    public static void CheckProperties(IReadOnlyDictionary<string, object> properties) => Checked(SectionBytes + OfProperties(properties));

    private static long Checked(long header) =>
        header <= MaxHeaderBytes
            ? header
            : throw new SerializationException(string.Create(CultureInfo.InvariantCulture,
                $"The properties of the message take {header} bytes; the limit is {MaxHeaderBytes}."));

    private static long OfProperties(IEnumerable<KeyValuePair<string, object>> properties) =>
        properties.Sum(property => Of(property.Key) + OfProperty(property.Key, property.Value));

    private static long Of(string? text) => text is null ? 1 : 5 + Encoding.UTF8.GetByteCount(text);

    private static long OfProperty(string name, object? value)
    {
        var bytes = value switch
        {
            null => 1,
            string text => Of(text),
            Uri uri => Of(uri.OriginalString),
            byte[] data => 5 + data.Length,
            bool or byte or sbyte or char or short or ushort or int or uint or long or ulong or float or double => 9,
            decimal or Guid => 17,
            DateTime or DateTimeOffset or TimeSpan => 24,
            _ => throw new SerializationException($"The application property '{name}' is a {value.GetType()}, which cannot be sent."),
        };
        if (bytes > MaxPropertyBytes)
            throw new SerializationException(string.Create(CultureInfo.InvariantCulture,
                $"The application property '{name}' takes {bytes} bytes; the limit is {MaxPropertyBytes}."));
        return bytes;
    }
}
