using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Pipeline.Contracts;

/// <summary>
/// Reads decimal numbers from their text: a number that a <see cref="decimal"/> cannot hold exactly is refused, where the serializer
/// would round it without an error. Reads and writes the shortest form, so that equal numbers are equal text.
/// </summary>
public sealed class DecimalConverter : JsonConverter<decimal>
{
    /// <summary>Any number of so many digits fits into the 96 bits of a <see cref="decimal"/>.</summary>
    private const int MaxDigits = 28;

    /// <inheritdoc/>
    /// <exception cref="InexactNumberException">The number has too many digits or is too large.</exception>
    /// <exception cref="JsonException">It is not a number.</exception>
    public override decimal Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        // Without a message, so that the serializer adds its own with the path.
        if (reader.TokenType != JsonTokenType.Number)
            throw new JsonException();
        return ReadExactly(reader.HasValueSequence ? reader.ValueSequence.ToArray() : reader.ValueSpan) ?? throw new InexactNumberException();
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, decimal value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteNumberValue(Shortest(value));
    }

    /// <summary>Gets the same number without trailing zeros: 13.50 becomes 13.5, and -0 becomes 0.</summary>
    private static decimal Shortest(decimal value) => value == 0 ? 0 : value / 1.000000000000000000000000000000m;

    /// <param name="text">A number in the format of RFC 8259.</param>
    /// <returns><see langword="null"/> if the number cannot be held exactly.</returns>
    private static decimal? ReadExactly(ReadOnlySpan<byte> text)
    {
        var e = text.IndexOfAny((byte)'e', (byte)'E');
        var mantissa = (e < 0 ? text : text[..e]).TrimStart((byte)'-');
        var first = mantissa.IndexOfAnyInRange((byte)'1', (byte)'9');
        if (first < 0)
            return 0;
        var last = mantissa.LastIndexOfAnyInRange((byte)'1', (byte)'9');
        var point = mantissa.IndexOf((byte)'.');
        if (point < 0)
            point = mantissa.Length;

        // The position of the last significant digit after the point; negative: the number of zeros between it and the point.
        var scale = (last > point ? last - point : last + 1 - point) - (e < 0 ? 0 : Exponent(text[(e + 1)..]));
        var count = last - first + (first < point && point < last ? 0 : 1);
        if (count > MaxDigits || scale > MaxDigits || count - scale > MaxDigits)
            return null;
        Span<byte> digits = stackalloc byte[MaxDigits];
        var length = 0;
        foreach (var digit in mantissa[first..(last + 1)])
        {
            if (digit != '.')
                digits[length++] = digit;
        }

        var value = decimal.Parse(digits[..length], NumberStyles.None, CultureInfo.InvariantCulture);
        for (; scale < 0; scale++)
            value *= 10;
        var parts = decimal.GetBits(value);
        return new decimal(parts[0], parts[1], parts[2], text[0] == '-', (byte)scale);
    }

    private static long Exponent(ReadOnlySpan<byte> text)
    {
        var exponent = 0L;
        foreach (var digit in text.TrimStart("+-"u8))
            exponent = Math.Min((exponent * 10) + digit - '0', int.MaxValue);
        return text[0] == '-' ? -exponent : exponent;
    }
}
