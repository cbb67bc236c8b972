using System.Collections;
using Microsoft.Azure.Amqp;
using Microsoft.Azure.Amqp.Framing;

namespace Pipeline.Local.ServiceBus.Amqp;

/// <summary>Bodies: bytes as they are, values and sequences in the encoding that they came in.</summary>
internal static class AmqpBody
{
    public static AmqpMessage ToMessage(StoredMessage stored)
    {
        var bytes = stored.Body.ToMemory();
        return stored.BodyKind switch
        {
            BodyKind.Value => AmqpMessage.Create(new AmqpValue { Value = Decode(bytes) }),
            BodyKind.Sequence => AmqpMessage.Create(((IEnumerable)Decode(bytes)!).Cast<IList>().Select(list => new AmqpSequence(list)).ToArray()),
            _ => AmqpMessage.Create(new Data { Value = Segment(bytes) }),
        };
    }

    public static (BinaryData Body, BodyKind Kind) FromMessage(AmqpMessage message)
    {
        var sections = message.Sections;
        if (sections.HasFlag(SectionFlag.AmqpValue))
            return (Encode(message.ValueBody.Value), BodyKind.Value);
        if (sections.HasFlag(SectionFlag.AmqpSequence))
            return (Encode(message.SequenceBody.Select(section => section.List).ToList()), BodyKind.Sequence);
        if (!sections.HasFlag(SectionFlag.Data))
            return (new BinaryData(Array.Empty<byte>()), BodyKind.Data);
        var parts = message.DataBody.Select(data => (ArraySegment<byte>)data.Value).ToList();
        var bytes = new byte[parts.Sum(part => part.Count)];
        var length = 0;
        foreach (var part in parts)
        {
            part.CopyTo(bytes, length);
            length += part.Count;
        }

        return (new BinaryData(bytes), BodyKind.Data);
    }

    public static ArraySegment<byte> Segment(ReadOnlyMemory<byte> bytes) =>
        System.Runtime.InteropServices.MemoryMarshal.TryGetArray(bytes, out var segment) ? segment : new ArraySegment<byte>(bytes.ToArray());

    private static BinaryData Encode(object? value)
    {
        var buffer = new ByteBuffer(AmqpCodec.GetObjectEncodeSize(value), autoGrow: true);
        AmqpCodec.EncodeObject(value, buffer);
        return new BinaryData(buffer.Buffer.AsSpan(buffer.Offset, buffer.Length).ToArray());
    }

    private static object? Decode(ReadOnlyMemory<byte> bytes)
    {
        var segment = Segment(bytes);
        return AmqpCodec.DecodeObject(new ByteBuffer(segment));
    }
}
