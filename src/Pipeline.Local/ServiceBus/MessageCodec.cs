using System.Collections.ObjectModel;
using System.Runtime.Serialization;
using Pipeline.Local.Journal;

namespace Pipeline.Local.ServiceBus;

/// <summary>Messages and their properties in journal records.</summary>
internal static class MessageCodec
{
    private enum Kind : byte
    {
        Null, Text, True, False, Byte, SByte, Char, Int16, UInt16, Int32, UInt32, Int64, UInt64, Single, Double, Decimal,
        Guid, DateTime, DateTimeOffset, TimeSpan, Uri, Bytes,
    }

    public static void Write(RecordWriter writer, StoredMessage message)
    {
        var start = writer.Length;
        writer.Bytes(message.Body);
        WriteProperties(writer, message.Properties);
        writer.Text(message.MessageId);
        writer.Text(message.SessionId);
        writer.Text(message.PartitionKey);
        writer.Text(message.ReplyToSessionId);
        writer.Text(message.CorrelationId);
        writer.Text(message.Subject);
        writer.Text(message.To);
        writer.Text(message.ContentType);
        writer.Text(message.ReplyTo);
        writer.Number(message.ScheduledEnqueueTime.UtcTicks);
        writer.Number(message.EnqueuedTime.UtcTicks);
        writer.Number(message.EnqueuedSequenceNumber);
        writer.Number(message.TimeToLive.Ticks);
        writer.Text(message.TransactionPartitionKey);
        if (message.BodyKind != BodyKind.Data)
            writer.Byte((byte)message.BodyKind);
        message.RecordBytes = writer.Length - start;
    }

    /// <param name="reader">Stands at the message.</param>
    /// <param name="hasLifetime">Whether lifetime and transaction partition key follow, which the first version did not write.</param>
    /// <param name="hasBodyKind">Whether the kind of the body follows, which is written of those only that are not data.</param>
    public static StoredMessage Read(ref RecordReader reader, bool hasLifetime, bool hasBodyKind = false)
    {
        var start = reader.Remaining;
        var body = BinaryData.FromBytes(reader.Bytes());
        var properties = ReadProperties(ref reader);

        // Initializers run in the order they are written in, which is the order of the fields.
        return new StoredMessage(body, properties)
        {
            MessageId = reader.Text(),
            SessionId = reader.Text(),
            PartitionKey = reader.Text(),
            ReplyToSessionId = reader.Text(),
            CorrelationId = reader.Text(),
            Subject = reader.Text(),
            To = reader.Text(),
            ContentType = reader.Text(),
            ReplyTo = reader.Text(),
            ScheduledEnqueueTime = new DateTimeOffset(reader.Number(), TimeSpan.Zero),
            EnqueuedTime = new DateTimeOffset(reader.Number(), TimeSpan.Zero),
            EnqueuedSequenceNumber = reader.Number(),
            TimeToLive = hasLifetime ? new TimeSpan(reader.Number()) : TimeSpan.MaxValue,
            TransactionPartitionKey = hasLifetime ? reader.Text() : null,
            BodyKind = hasBodyKind ? (BodyKind)reader.Byte() : BodyKind.Data,
            RecordBytes = start - reader.Remaining,
        };
    }

    public static void WriteProperties(RecordWriter writer, IReadOnlyDictionary<string, object> properties)
    {
        writer.Number(properties.Count);
        foreach (var (name, value) in properties)
        {
            writer.Text(name);
            WriteValue(writer, name, value);
        }
    }

    public static ReadOnlyDictionary<string, object> ReadProperties(ref RecordReader reader)
    {
        var count = (int)reader.Number();
        var properties = new Dictionary<string, object>(count, StringComparer.Ordinal);
        for (var i = 0; i < count; i++)
        {
            var name = reader.Text()!;
            properties.Add(name, ReadValue(ref reader)!);
        }

        return new ReadOnlyDictionary<string, object>(properties);
    }

    private static void WriteValue(RecordWriter writer, string name, object? value)
    {
        switch (value)
        {
            case null: writer.Byte((byte)Kind.Null); break;
            case string v: writer.Byte((byte)Kind.Text); writer.Text(v); break;
            case bool v: writer.Byte((byte)(v ? Kind.True : Kind.False)); break;
            case byte v: writer.Byte((byte)Kind.Byte); writer.Byte(v); break;
            case sbyte v: writer.Byte((byte)Kind.SByte); writer.Byte((byte)v); break;
            case char v: writer.Byte((byte)Kind.Char); writer.Number(v); break;
            case short v: writer.Byte((byte)Kind.Int16); writer.Fixed64(v); break;
            case ushort v: writer.Byte((byte)Kind.UInt16); writer.Number(v); break;
            case int v: writer.Byte((byte)Kind.Int32); writer.Fixed64(v); break;
            case uint v: writer.Byte((byte)Kind.UInt32); writer.Number(v); break;
            case long v: writer.Byte((byte)Kind.Int64); writer.Fixed64(v); break;
            case ulong v: writer.Byte((byte)Kind.UInt64); writer.Fixed64((long)v); break;
            case float v: writer.Byte((byte)Kind.Single); writer.Fixed64(BitConverter.DoubleToInt64Bits(v)); break;
            case double v: writer.Byte((byte)Kind.Double); writer.Fixed64(BitConverter.DoubleToInt64Bits(v)); break;
            case decimal v: writer.Byte((byte)Kind.Decimal); writer.Text(v.ToString(CultureInfo.InvariantCulture)); break;
            case Guid v: writer.Byte((byte)Kind.Guid); writer.Bytes(v.ToByteArray()); break;
            case DateTime v: writer.Byte((byte)Kind.DateTime); writer.Fixed64(v.ToBinary()); break;
            case DateTimeOffset v: writer.Byte((byte)Kind.DateTimeOffset); writer.Fixed64(v.Ticks); writer.Fixed64(v.Offset.Ticks); break;
            case TimeSpan v: writer.Byte((byte)Kind.TimeSpan); writer.Fixed64(v.Ticks); break;
            case Uri v: writer.Byte((byte)Kind.Uri); writer.Text(v.OriginalString); break;
            case byte[] v: writer.Byte((byte)Kind.Bytes); writer.Bytes(v); break;
            default: throw new SerializationException($"The application property '{name}' is a {value.GetType()}, which cannot be sent.");
        }
    }

    private static object? ReadValue(ref RecordReader reader) => (Kind)reader.Byte() switch
    {
        Kind.Null => null,
        Kind.Text => reader.Text(),
        Kind.True => true,
        Kind.False => false,
        Kind.Byte => reader.Byte(),
        Kind.SByte => (sbyte)reader.Byte(),
        Kind.Char => (char)reader.Number(),
        Kind.Int16 => (short)reader.Fixed64(),
        Kind.UInt16 => (ushort)reader.Number(),
        Kind.Int32 => (int)reader.Fixed64(),
        Kind.UInt32 => (uint)reader.Number(),
        Kind.Int64 => reader.Fixed64(),
        Kind.UInt64 => (ulong)reader.Fixed64(),
        Kind.Single => (float)BitConverter.Int64BitsToDouble(reader.Fixed64()),
        Kind.Double => BitConverter.Int64BitsToDouble(reader.Fixed64()),
        Kind.Decimal => decimal.Parse(reader.Text()!, CultureInfo.InvariantCulture),
        Kind.Guid => new Guid(reader.Bytes()),
        Kind.DateTime => DateTime.FromBinary(reader.Fixed64()),
        Kind.DateTimeOffset => new DateTimeOffset(reader.Fixed64(), new TimeSpan(reader.Fixed64())),
        Kind.TimeSpan => new TimeSpan(reader.Fixed64()),
        Kind.Uri => new Uri(reader.Text()!, UriKind.RelativeOrAbsolute),
        Kind.Bytes => reader.Bytes(),
        var kind => throw new InvalidDataException($"The Service Bus journal has a property of unknown kind {kind}."),
    };
}
