using System.Buffers.Binary;

namespace Pipeline.Local.Cosmos;

/// <summary>
/// The <c>_rid</c> of a resource: database 4 bytes, container 4 more, document or partition key range 8 more, in base64
/// with '-' for '/'. The SDK parses them, and change feed leases embed them, so they never change.
/// </summary>
internal static class ResourceId
{
    private const int ContainerBytes = 8;
    private const int DocumentBytes = 16;
    public const int DocumentLength = 24;

    public static string Database(uint database)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, database);
        return Encode(bytes);
    }

    public static string Container(uint database, uint container)
    {
        Span<byte> bytes = stackalloc byte[ContainerBytes];
        WriteContainer(bytes, database, container);
        return Encode(bytes);
    }

    public static string PartitionKeyRange(uint database, uint container, byte range)
    {
        Span<byte> bytes = stackalloc byte[DocumentBytes];
        bytes.Clear();
        WriteContainer(bytes, database, container);
        bytes[8] = (byte)(range + 1);
        // The top nibble of the last byte tells the kind of resource: 5 is a partition key range, 0 a document.
        bytes[15] = 0x50;
        return Encode(bytes);
    }

    /// <summary>Writes the 24 characters of a document's rid.</summary>
    public static void WriteDocument(Span<byte> utf8, uint database, uint container, ulong document)
    {
        Span<byte> bytes = stackalloc byte[DocumentBytes];
        WriteContainer(bytes, database, container);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[8..], document & 0x00FF_FFFF_FFFF_FFFF);
        System.Buffers.Text.Base64.EncodeToUtf8(bytes, utf8, out _, out _);
        utf8[..DocumentLength].Replace((byte)'/', (byte)'-');
    }

    private static void WriteContainer(Span<byte> bytes, uint database, uint container)
    {
        BinaryPrimitives.WriteUInt32BigEndian(bytes, database);
        BinaryPrimitives.WriteUInt32BigEndian(bytes[4..], container | 0x8000_0000);
    }

    private static string Encode(ReadOnlySpan<byte> bytes) => Convert.ToBase64String(bytes).Replace('/', '-');
}
