using System.Text;
using System.Text.Unicode;
using Pipeline.CloudEvents;

namespace Pipeline.Tests;

/// <summary>The one reader of attributes in HTTP headers (HTTP protocol binding 1.0.2, section 3.1.3.2).</summary>
public sealed class AttributeHeaderTests
{
    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("", "")]
    [InlineData("Euro%20%E2%82%AC%20%F0%9F%98%80", "Euro \u20ac \U0001F600")]
    [InlineData("Euro%20%e2%82%ac", "Euro \u20ac")]
    [InlineData("%41%62", "Ab")]
    [InlineData("100%25", "100%")]
    [InlineData("%2541", "%41")]
    [InlineData("\"a b\"", "a b")]
    [InlineData("\"a \\\" b \\\\ c\"", "a \" b \\ c")]
    [InlineData("\"%41\"", "A")]
    [InlineData("\"\"", "")]
    [InlineData("\"quoted \\\"text\\\" with %22\"", "quoted \"text\" with \"")]
    [InlineData("caf\u00e9%20\U0001F600", "caf\u00e9 \U0001F600")]
    [InlineData("5\" pipe", "5\" pipe")]
    [InlineData("%22quoted%22", "\"quoted\"")]
    public void A_value_is_unquoted_and_then_decoded_once(string value, string expected)
    {
        Assert.Null(AttributeHeader.TryDecode(value, out var decoded));
        Assert.Equal(expected, decoded);
    }

    [Theory]
    [InlineData("100%")]
    [InlineData("%4")]
    [InlineData("%zz")]
    [InlineData("% 41")]
    [InlineData("%FF")]
    [InlineData("%C0%A0")]
    [InlineData("%ED%A0%80")]
    [InlineData("%F4%90%80%80")]
    [InlineData("%E2%82")]
    [InlineData("%E2\u20ac")]
    [InlineData("\"open")]
    [InlineData("\"")]
    [InlineData("\"a\"b")]
    [InlineData("\"a\" \"b\"")]
    [InlineData("\"a\\\"")]
    public void What_cannot_be_decoded_is_told(string value) =>
        Assert.Contains("cannot be decoded", AttributeHeader.TryDecode(value, out _), StringComparison.Ordinal);

    [Fact]
    public void Half_a_surrogate_pair_beside_a_code_is_told() =>
        Assert.Contains("cannot be decoded", AttributeHeader.TryDecode("%41" + '\ud800', out _), StringComparison.Ordinal);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void What_is_encoded_in_any_allowed_way_comes_back(int seed)
    {
        var random = new Random(seed);
        for (var i = 0; i < 5_000; i++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(12)).Select(_ => RandomRune(random).ToString()));
            Assert.Null(AttributeHeader.TryDecode(Encode(text, random), out var decoded));
            Assert.Equal(text, decoded);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Random_codes_are_read_as_another_reader_reads_them(int seed)
    {
        var random = new Random(seed);
        string[] parts = ["%", "%4", "%41", "%C3", "%BC", "%c3%bc", "%E2%82%AC", "%F0%9F%98%80", "%ED%A0%80", "a", "F", "0", " ", "\u00fc"];
        for (var i = 0; i < 20_000; i++)
        {
            var value = string.Concat(Enumerable.Range(0, random.Next(1, 6)).Select(_ => parts[random.Next(parts.Length)]));
            var why = AttributeHeader.TryDecode(value, out var decoded);
            Assert.Equal(Reference(value), why is null ? decoded : null);
        }
    }

    private static Rune RandomRune(Random random)
    {
        while (true)
        {
            var value = random.Next(4) switch { 0 => random.Next(0x20, 0x7f), 1 => random.Next(0xa0, 0x800), 2 => random.Next(0x800, 0x10000), _ => random.Next(0x10000, 0x110000) };
            if (Rune.IsValid(value))
                return new Rune(value);
        }
    }

    private static string Encode(string text, Random random)
    {
        var header = new StringBuilder();
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune.Value is > 0x20 and < 0x7f and not '"' and not '%' && random.Next(3) > 0)
                header.Append(rune);
            else
                foreach (var one in Encoding.UTF8.GetBytes(rune.ToString()))
                    header.Append('%').Append(random.Next(2) == 0 ? Convert.ToHexString([one]) : Convert.ToHexStringLower([one]));
        }

        return header.ToString();
    }

    /// <summary>By bytes: each char stands for its UTF-8, each code for its byte, and all of it has to be UTF-8.</summary>
    private static string? Reference(string value)
    {
        var bytes = new List<byte>();
        for (var rest = value; rest.Length > 0;)
        {
            if (rest[0] != '%')
            {
                bytes.AddRange(Encoding.UTF8.GetBytes(rest[..1]));
                rest = rest[1..];
                continue;
            }

            if (rest.Length < 3 || !char.IsAsciiHexDigit(rest[1]) || !char.IsAsciiHexDigit(rest[2]))
                return null;
            bytes.Add(Convert.ToByte(rest[1..3], 16));
            rest = rest[3..];
        }

        return Utf8.IsValid(bytes.ToArray()) ? Encoding.UTF8.GetString(bytes.ToArray()) : null;
    }
}
