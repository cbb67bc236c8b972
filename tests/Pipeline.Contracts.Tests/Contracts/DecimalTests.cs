using System.Numerics;
using System.Text.Json;
using Pipeline.Contracts;

namespace Pipeline.Tests.ContractRules;

/// <summary>Decimal numbers are read by their text, and never rounded.</summary>
public sealed class DecimalTests
{
    private static readonly JsonSerializerOptions _options = new() { Converters = { new DecimalConverter() } };

    [Theory]
    [InlineData("0", "0")]
    [InlineData("-0", "0")]
    [InlineData("0.000", "0")]
    [InlineData("0e999999999999999999999", "0")]
    [InlineData("13", "13")]
    [InlineData("13.000000000000000000000000000000000000000000", "13")]
    [InlineData("13.50", "13.5")]
    [InlineData("1300", "1300")]
    [InlineData("1300.0", "1300")]
    [InlineData("0.005", "0.005")]
    [InlineData("-0.0500", "-0.05")]
    [InlineData("1e2", "100")]
    [InlineData("1E+2", "100")]
    [InlineData("1.25e1", "12.5")]
    [InlineData("1250e-2", "12.5")]
    [InlineData("0.00000000000000000000000000000000125e32", "0.125")]
    [InlineData("9999999999999999999999999999", "9999999999999999999999999999")]
    [InlineData("0.0000000000000000000000000001", "0.0000000000000000000000000001")]
    public void A_number_is_read_exactly_and_written_in_its_shortest_form(string text, string expected) =>
        Assert.Equal(expected, JsonSerializer.Serialize(JsonSerializer.Deserialize<decimal>(text, _options), _options));

    [Theory]
    [InlineData("1e-29")]
    [InlineData("13.0000000000000000000000000000000000000001")]
    [InlineData("0.00000000000000000000000000001")]
    [InlineData("12345678901234567890123456789")]
    [InlineData("1e28")]
    [InlineData("1e400")]
    [InlineData("-1e-999999999999999999999")]
    public void What_would_be_rounded_is_refused(string text)
    {
        var refused = Assert.Throws<InexactNumberException>(() => JsonSerializer.Deserialize<decimal>(text, _options));
        Assert.Equal("$", refused.Path);
    }

    [Theory]
    [InlineData("\"1\"")]
    [InlineData("true")]
    [InlineData("[1]")]
    public void What_is_no_number_is_refused(string text) => Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<decimal>(text, _options));

    [Fact]
    public void Any_number_is_read_as_it_is_or_refused()
    {
        var random = new Random(23);
        for (var i = 0; i < 20_000; i++)
        {
            var whole = string.Concat(Enumerable.Range(0, random.Next(1, 20)).Select(_ => (char)('0' + (random.Next(3) == 0 ? 0 : random.Next(10))))).TrimStart('0');
            var text = (random.Next(2) == 0 ? "-" : "") + (whole.Length == 0 ? "0" : whole);
            if (random.Next(2) == 0)
                text += "." + string.Concat(Enumerable.Range(0, random.Next(1, 20)).Select(_ => (char)('0' + (random.Next(3) == 0 ? 0 : random.Next(10)))));
            if (random.Next(3) == 0)
                text += string.Create(CultureInfo.InvariantCulture, $"e{random.Next(-15, 15)}");
            decimal read;
            try
            {
                read = JsonSerializer.Deserialize<decimal>(text, _options);
            }
            catch (InexactNumberException)
            {
                continue;
            }

            Assert.True(Fraction(text) == Fraction(read.ToString(CultureInfo.InvariantCulture)), $"{text} was read as {read.ToString(CultureInfo.InvariantCulture)}.");
        }
    }

    /// <summary>The number times 10 to the power of 60.</summary>
    private static BigInteger Fraction(string text)
    {
        var parts = text.Split('e');
        var mantissa = parts[0].Split('.');
        var decimals = mantissa.Length == 1 ? 0 : mantissa[1].Length;
        var exponent = parts.Length == 1 ? 0 : int.Parse(parts[1], CultureInfo.InvariantCulture);
        return BigInteger.Parse(string.Concat(mantissa), CultureInfo.InvariantCulture) * BigInteger.Pow(10, 60 - decimals + exponent);
    }
}
