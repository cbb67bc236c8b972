using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Pipeline.Local.Cosmos;

/// <summary>
/// Text as bytes that compare as <see cref="string.CompareOrdinal(string, string)"/> compares the texts, which is how
/// clients merge sorted results: UTF-16, big-endian.
/// </summary>
internal static class OrdinalText
{
    public static void Write(string text, Span<byte> destination)
    {
        var units = MemoryMarshal.Cast<char, ushort>(text.AsSpan());
        var target = MemoryMarshal.Cast<byte, ushort>(destination);
        if (BitConverter.IsLittleEndian)
            BinaryPrimitives.ReverseEndianness(units, target);
        else
            units.CopyTo(target);
        target[units.Length..].Clear();
    }

    public static string Read(ReadOnlySpan<byte> bytes) => string.Create(bytes.Length / sizeof(char), bytes, static (text, source) =>
    {
        var target = MemoryMarshal.Cast<char, ushort>(text);
        if (BitConverter.IsLittleEndian)
            BinaryPrimitives.ReverseEndianness(MemoryMarshal.Cast<byte, ushort>(source), target);
        else
            MemoryMarshal.Cast<byte, ushort>(source).CopyTo(target);
    });
}
