using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;
using Microsoft.Extensions.Logging;

namespace Pipeline.Local.Journal;

/// <summary>
/// Append-only file of checksummed records under the stores of the embedded platform. When <see cref="Append"/>
/// returns, the record has been handed to the operating system: it survives <c>kill -9</c> of this process, though not
/// a power cut. Not thread-safe: the owning store calls it under its own lock, which is what makes the order of
/// records the order of changes, and it publishes a change to its readers only after the append.
/// </summary>
/// <remarks>A record is: magic (4 bytes), payload length (4), CRC-32C of length and payload (4), payload; little-endian.</remarks>
internal sealed partial class Journal : IDisposable
{
    private const uint Magic = 0x314A5250; // "PRJ1"
    /// <summary>What stands in front of a record's payload.</summary>
    public const int HeaderBytes = 12;

    /// <summary>The largest payload of one record, in bytes.</summary>
    public const int MaxRecordBytes = 64 * 1024 * 1024;

    private readonly string? _path;
    private FileStream? _file;

    private Journal(string? path, FileStream? file, long length)
    {
        _path = path;
        _file = file;
        LengthBytes = length;
    }

    /// <summary>Size of the journal in bytes; 0 for a journal in memory.</summary>
    public long LengthBytes { get; private set; }

    /// <summary>For tests, a disk that fills up: the next append fails after this many bytes of it were written.</summary>
    public int? FailNextAppendAfterBytes { get; set; }

    /// <summary>Opens the journal, handing every stored record to <paramref name="replay"/> in the order of writing.</summary>
    /// <param name="path">The file; its folder is created. <see langword="null"/> keeps nothing: a store in memory.</param>
    /// <param name="replay">Called once per record; the memory is valid during the call only.</param>
    /// <param name="log">Told when a torn last record is cut off.</param>
    /// <exception cref="InvalidDataException">A record before the last one is damaged; the message names file and offset.</exception>
    /// <exception cref="IOException">The file is in use by another process, or cannot be read.</exception>
    public static Journal Open(string? path, Action<ReadOnlyMemory<byte>> replay, ILogger log) => Open(path, (record, _) => replay(record), log);

    /// <summary>The same for an owner that reads parts of records again later: it also gets the payload's offset in the file.</summary>
    /// <inheritdoc cref="Open(string?, Action{ReadOnlyMemory{byte}}, ILogger)"/>
    public static Journal Open(string? path, Action<ReadOnlyMemory<byte>, long> replay, ILogger log)
    {
        if (path is null)
            return new Journal(null, null, 0);

        var file = OpenOrCreate(path);
        try
        {
            var end = ReadAll(file, path, replay);
            if (end < file.Length)
            {
                log.LogWarning(
                    "{Path}: the last record was only partly written ({Bytes} bytes); it was never acknowledged and is cut off.",
                    path, file.Length - end);
                file.SetLength(end);
            }

            return new Journal(path, file, end);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Writes one record. When this returns, the record survives the end of the process.</summary>
    /// <exception cref="IOException">The record could not be written (disk full, say). Nothing of it is kept.</exception>
    public void Append(ReadOnlySpan<byte> payload)
    {
        if (_path is null)
            return;

        var file = _file ?? throw new IOException($"{_path}: the journal is closed.");
        var size = HeaderBytes + payload.Length;
        var buffer = ArrayPool<byte>.Shared.Rent(size);
        try
        {
            Frame(payload, buffer);
            try
            {
                Write(file, buffer.AsSpan(0, size));
            }
            catch (IOException)
            {
                // Whatever part of the record reached the file must not be found in front of the next one.
                RandomAccess.SetLength(file.SafeFileHandle, LengthBytes);
                throw;
            }

            LengthBytes += size;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Reads what is stored at an offset; a <see cref="Rewrite"/> moves it elsewhere.</summary>
    /// <exception cref="IOException">It cannot be read, or the journal is closed.</exception>
    public void Read(long offset, Span<byte> destination)
    {
        var file = _file ?? throw new IOException($"{_path}: the journal is closed.");
        while (!destination.IsEmpty)
        {
            var read = RandomAccess.Read(file.SafeFileHandle, destination, offset);
            if (read == 0)
                throw new IOException(string.Create(CultureInfo.InvariantCulture,
                    $"{_path}: the file ends before offset {offset}; something else has cut it."));
            destination = destination[read..];
            offset += read;
        }
    }

    /// <summary>
    /// Replaces the whole journal by <paramref name="records"/>, the owner's live state. The old file stays in place
    /// until the new one is complete, so a crash in between loses nothing.
    /// </summary>
    /// <exception cref="IOException">It cannot be written; the journal is as it was.</exception>
    public void Rewrite(IEnumerable<ReadOnlyMemory<byte>> records)
    {
        if (_path is null)
            return;
        try
        {
            Replace(_path, records);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new IOException($"{_path} cannot be replaced: {e.Message}", e);
        }
    }

    private void Replace(string path, IEnumerable<ReadOnlyMemory<byte>> records)
    {
        var temporary = path + ".new";
        var output = PrivateFiles.Open(temporary, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 20);
        long length;
        try
        {
            using (output)
                length = WriteAll(output, records);
        }
        catch
        {
            // Half a file is of no use, and takes the room that may be missing.
            File.Delete(temporary);
            throw;
        }

        // An open file cannot be replaced everywhere, so it is closed first. If it then cannot be replaced, it stays in use.
        _file!.Dispose();
        _file = null;
        try
        {
            File.Move(temporary, path, overwrite: true);
            LengthBytes = length;
        }
        finally
        {
            _file = PrivateFiles.Open(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _file?.Dispose();
        _file = null;
    }

    private static FileStream OpenOrCreate(string path)
    {
        try
        {
            PrivateFiles.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            return PrivateFiles.Open(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new IOException($"{path}: the journal cannot be opened for reading and writing: {e.Message}", e);
        }
    }

    private static long WriteAll(FileStream output, IEnumerable<ReadOnlyMemory<byte>> records)
    {
        long length = 0;
        foreach (var record in records)
        {
            var size = HeaderBytes + record.Length;
            var buffer = ArrayPool<byte>.Shared.Rent(size);
            Frame(record.Span, buffer);
            output.Write(buffer, 0, size);
            ArrayPool<byte>.Shared.Return(buffer);
            length += size;
        }

        output.Flush(flushToDisk: true);
        return length;
    }

    private void Write(FileStream file, ReadOnlySpan<byte> record)
    {
        if (FailNextAppendAfterBytes is { } bytes)
        {
            FailNextAppendAfterBytes = null;
            RandomAccess.Write(file.SafeFileHandle, record[..bytes], LengthBytes);
            throw new IOException($"{_path}: the disk is full, as a test has it.");
        }

        RandomAccess.Write(file.SafeFileHandle, record, LengthBytes);
    }

    private static void Frame(ReadOnlySpan<byte> payload, byte[] buffer)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(payload.Length, MaxRecordBytes);
        BinaryPrimitives.WriteUInt32LittleEndian(buffer, Magic);
        BinaryPrimitives.WriteInt32LittleEndian(buffer.AsSpan(4), payload.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(buffer.AsSpan(8), Checksum(payload));
        payload.CopyTo(buffer.AsSpan(HeaderBytes));
    }

    private static uint Checksum(ReadOnlySpan<byte> payload)
    {
        var crc = BitOperations.Crc32C(0xFFFFFFFF, (uint)payload.Length);
        while (payload.Length >= 8)
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(payload));
            payload = payload[8..];
        }

        foreach (var b in payload)
            crc = BitOperations.Crc32C(crc, b);
        return ~crc;
    }
}
