using System.Buffers.Binary;
using System.Text;

namespace Pipeline.Local.Journal;

/// <summary>Reads what <see cref="RecordWriter"/> wrote.</summary>
internal ref struct RecordReader(ReadOnlySpan<byte> record)
{
    private ReadOnlySpan<byte> _rest = record;

    public readonly bool AtEnd => _rest.IsEmpty;

    public readonly int Remaining => _rest.Length;

    public byte Byte() => Next(1)[0];

    public long Number()
    {
        ulong value = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var next = Byte();
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
                return (long)value;
        }

        throw new InvalidDataException("A number in the journal does not end.");
    }

    public long Fixed64() => BinaryPrimitives.ReadInt64LittleEndian(Next(8));

    public byte[] Bytes() => Next((int)Number()).ToArray();

    public string? Text() => Number() is > 0 and var length ? Encoding.UTF8.GetString(Next((int)length - 1)) : null;

    private ReadOnlySpan<byte> Next(int length)
    {
        if ((uint)length > (uint)_rest.Length)
            throw new InvalidDataException("A record in the journal ends too early.");
        var next = _rest[..length];
        _rest = _rest[length..];
        return next;
    }
}
