using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Pipeline.Local.Journal;

/// <summary>Builds journal records in a buffer that is used again and again.</summary>
internal sealed class RecordWriter
{
    private readonly ArrayBufferWriter<byte> _buffer = new(4096);

    public int Length => _buffer.WrittenCount;

    public ReadOnlySpan<byte> Written => _buffer.WrittenSpan;

    public ReadOnlyMemory<byte> WrittenMemory => _buffer.WrittenMemory;

    public void Clear() => _buffer.ResetWrittenCount();

    public void Byte(byte value)
    {
        _buffer.GetSpan(1)[0] = value;
        _buffer.Advance(1);
    }

    /// <summary>A whole number that is not negative, 7 bits a byte.</summary>
    public void Number(long value)
    {
        var span = _buffer.GetSpan(10);
        var rest = (ulong)value;
        var length = 0;
        while (rest >= 0x80)
        {
            span[length++] = (byte)(rest | 0x80);
            rest >>= 7;
        }

        span[length++] = (byte)rest;
        _buffer.Advance(length);
    }

    public void Fixed64(long value)
    {
        BinaryPrimitives.WriteInt64LittleEndian(_buffer.GetSpan(8), value);
        _buffer.Advance(8);
    }

    public void Bytes(ReadOnlySpan<byte> bytes)
    {
        Number(bytes.Length);
        _buffer.Write(bytes);
    }

    /// <summary>A text or <see langword="null"/>: its length in bytes plus one, or zero.</summary>
    public void Text(string? text)
    {
        if (text is null)
        {
            Number(0);
            return;
        }

        var length = Encoding.UTF8.GetByteCount(text);
        Number(length + 1);
        Encoding.UTF8.GetBytes(text, _buffer.GetSpan(length));
        _buffer.Advance(length);
    }
}
