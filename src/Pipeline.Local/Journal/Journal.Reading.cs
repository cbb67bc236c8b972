using System.Buffers.Binary;

namespace Pipeline.Local.Journal;

/// <content>Reading back what was written, and telling what was torn from what is damaged.</content>
internal sealed partial class Journal
{
    /// <summary>Returns the offset behind the last whole record.</summary>
    private static long ReadAll(FileStream file, string path, Action<ReadOnlyMemory<byte>, long> replay)
    {
        using var input = new BufferedStream(new UnclosedStream(file), 1 << 20);
        var header = new byte[HeaderBytes];
        var payload = new byte[64 * 1024];
        long offset = 0;
        while (true)
        {
            var got = input.ReadAtLeast(header, HeaderBytes, throwOnEndOfStream: false);
            if (got == 0)
                return offset;

            var length = BinaryPrimitives.ReadInt32LittleEndian(header.AsSpan(4));
            var whole = got == HeaderBytes
                && BinaryPrimitives.ReadUInt32LittleEndian(header) == Magic
                && length is >= 0 and <= MaxRecordBytes
                && offset + HeaderBytes + length <= file.Length;
            if (whole)
            {
                if (payload.Length < length)
                    payload = new byte[Math.Max(length, payload.Length * 2)];
                input.ReadExactly(payload, 0, length);
                whole = Checksum(payload.AsSpan(0, length)) == BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(8));
            }

            if (!whole)
            {
                if (FindRecordBehind(file, offset + 1) is { } next)
                {
                    throw new InvalidDataException(
                        string.Create(CultureInfo.InvariantCulture,
                            $"{path}: the record at offset {offset} is damaged, and whole records follow it from offset {next}. ") +
                        "Nothing was changed. Restore the file from a copy, or delete the data directory to start empty.");
                }

                return offset;
            }

            replay(payload.AsMemory(0, length), offset + HeaderBytes);
            offset += HeaderBytes + length;
        }
    }

    private static long? FindRecordBehind(FileStream file, long from)
    {
        // Only ever runs over the tail of a journal that was cut off or damaged, so simple beats fast.
        file.Position = from;
        var rest = new byte[Math.Min(file.Length - from, 2L * MaxRecordBytes)];
        file.ReadExactly(rest);
        for (var i = 0; i + HeaderBytes <= rest.Length; i++)
        {
            if (BinaryPrimitives.ReadUInt32LittleEndian(rest.AsSpan(i)) != Magic)
                continue;
            var length = BinaryPrimitives.ReadInt32LittleEndian(rest.AsSpan(i + 4));
            if (length < 0 || length > rest.Length - i - HeaderBytes)
                continue;
            if (Checksum(rest.AsSpan(i + HeaderBytes, length)) == BinaryPrimitives.ReadUInt32LittleEndian(rest.AsSpan(i + 8)))
                return from + i;
        }

        return null;
    }

    /// <summary>Lets a reader be disposed without closing the file underneath.</summary>
    private sealed class UnclosedStream(FileStream inner) : Stream
    {
        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => inner.Length;
        public override long Position { get => inner.Position; set => throw new NotSupportedException(); }
        public override void Flush() { }
        public override int Read(byte[] buffer, int offset, int count) => inner.Read(buffer, offset, count);
        public override int Read(Span<byte> buffer) => inner.Read(buffer);
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
