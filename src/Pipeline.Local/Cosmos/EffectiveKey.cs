using System.Buffers.Binary;

namespace Pipeline.Local.Cosmos;

/// <summary>
/// The place of a partition key on the hash ring: one hash for each component of the key, compared in turn. Nearly all
/// keys have one component, so that the others are elsewhere.
/// </summary>
internal readonly record struct EffectiveKey(UInt128 First, EffectiveKeyTail? Tail = null) : IComparable<EffectiveKey>
{
    /// <summary>Bytes of the longest one.</summary>
    public const int MaxBytes = 3 * ComponentBytes;

    private const int ComponentBytes = 16;
    private const int ComponentDigits = 2 * ComponentBytes;
    private const int MaxDigits = 3 * ComponentDigits;

    /// <summary>Behind all keys: hashes have their two top bits cleared.</summary>
    public static EffectiveKey End => new(UInt128.MaxValue);

    /// <summary>The first key behind this one.</summary>
    public EffectiveKey Next => new(First, new(Tail?.Second ?? 0, (Tail?.Third ?? 0) + 1));

    public static bool operator <(EffectiveKey left, EffectiveKey right) => left.CompareTo(right) < 0;

    public static bool operator >(EffectiveKey left, EffectiveKey right) => left.CompareTo(right) > 0;

    public static bool operator <=(EffectiveKey left, EffectiveKey right) => left.CompareTo(right) <= 0;

    public static bool operator >=(EffectiveKey left, EffectiveKey right) => left.CompareTo(right) >= 0;

    public int CompareTo(EffectiveKey other)
    {
        var order = First.CompareTo(other.First);
        if (order != 0 || (Tail is null && other.Tail is null))
            return order;
        order = (Tail?.Second ?? 0).CompareTo(other.Tail?.Second ?? 0);
        return order != 0 ? order : (Tail?.Third ?? 0).CompareTo(other.Tail?.Third ?? 0);
    }

    /// <summary>The hexadecimal form of the wire, without the zeros of components that are not there.</summary>
    public string ToHex() => Tail is null
        ? First.ToString("X32", CultureInfo.InvariantCulture)
        : string.Create(CultureInfo.InvariantCulture, $"{First:X32}{Tail.Second:X32}{Tail.Third:X32}");

    /// <summary>Reads the hexadecimal form, in which short values are prefixes and <c>FF</c> is the end.</summary>
    public static EffectiveKey Parse(string hex)
    {
        var digits = hex.PadRight(MaxDigits, '0').AsSpan();
        if (digits.Length == MaxDigits
            && TryParse(digits[..ComponentDigits], out var first)
            && TryParse(digits[ComponentDigits..(2 * ComponentDigits)], out var second)
            && TryParse(digits[(2 * ComponentDigits)..], out var third))
            return (second | third) == 0 ? new(first) : new(first, new(second, third));
        throw new CosmosFailure(400, $"'{hex}' is no effective partition key.");
    }

    /// <summary>Writes it as bytes that compare as the keys do.</summary>
    /// <returns>How many bytes there are.</returns>
    public int Write(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt128BigEndian(destination, First);
        if (Tail is null)
            return ComponentBytes;
        BinaryPrimitives.WriteUInt128BigEndian(destination[ComponentBytes..], Tail.Second);
        BinaryPrimitives.WriteUInt128BigEndian(destination[(2 * ComponentBytes)..], Tail.Third);
        return MaxBytes;
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    public static EffectiveKey Read(ReadOnlySpan<byte> bytes)
    {
        var first = BinaryPrimitives.ReadUInt128BigEndian(bytes);
        return bytes.Length == ComponentBytes ? new(first) : new(first, new(
            BinaryPrimitives.ReadUInt128BigEndian(bytes[ComponentBytes..]),
            BinaryPrimitives.ReadUInt128BigEndian(bytes[(2 * ComponentBytes)..])));
    }

    private static bool TryParse(ReadOnlySpan<char> digits, out UInt128 value) =>
        UInt128.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
}
