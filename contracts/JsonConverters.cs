using System.Text.Json;
using System.Text.Json.Serialization;

namespace Pipeline.Contracts;

/// <summary>Reads whole numbers as JSON Schema means them: <c>1.0</c> and <c>1e0</c> are integers too.</summary>
internal sealed class Int32Converter : JsonConverter<int>
{
    public override int Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        // Without a message, so that the serializer says where and what.
        if (reader.TokenType != JsonTokenType.Number)
            throw new JsonException();
        if (reader.TryGetInt32(out var number))
            return number;
        return reader.TryGetDouble(out var value) && double.IsInteger(value) && value is >= int.MinValue and <= int.MaxValue ? (int)value : throw new JsonException();
    }

    public override void Write(Utf8JsonWriter writer, int value, JsonSerializerOptions options) => writer.WriteNumberValue(value);
}

/// <summary>As <see cref="Int32Converter"/>, up to what a double holds exactly.</summary>
internal sealed class Int64Converter : JsonConverter<long>
{
    private const double MostExact = 9007199254740991;

    public override long Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.Number)
            throw new JsonException();
        if (reader.TryGetInt64(out var number))
            return number;
        return reader.TryGetDouble(out var value) && double.IsInteger(value) && value is >= -MostExact and <= MostExact ? (long)value : throw new JsonException();
    }

    public override void Write(Utf8JsonWriter writer, long value, JsonSerializerOptions options) => writer.WriteNumberValue(value);
}

/// <summary>
/// Times as RFC 3339 has them, with an offset: no date alone, no local time, no leap second, at most nine decimals (of which seven are kept). The
/// serializer itself would take a time without offset for one of this machine.
/// </summary>
internal sealed class TimestampConverter : JsonConverter<DateTimeOffset>
{
    /// <summary>What a schema says beside <c>format: date-time</c>, so that both mean the same.</summary>
    public const string Pattern = "^[12][0-9]{3}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-5][0-9]([.][0-9]{1,9})?(Z|[+-]((0[0-9]|1[0-3]):[0-5][0-9]|14:00))$";

    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String && HasShape(reader.GetString()!) && reader.TryGetDateTimeOffset(out var time) ? time : throw new JsonException();

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) => writer.WriteStringValue(value);

    private static bool HasShape(string text)
    {
        const string Start = "0000-00-00T00:00:00";
        if (text.Length <= Start.Length || text[0] is not ('1' or '2'))
            return false;
        for (var i = 0; i < Start.Length; i++)
        {
            if (Start[i] == '0' ? !char.IsAsciiDigit(text[i]) : text[i] != Start[i])
                return false;
        }

        var rest = text.AsSpan(Start.Length);
        if (rest[0] == '.')
        {
            var digits = rest[1..].IndexOfAnyExceptInRange('0', '9');
            if (digits is < 1 or > 9)
                return false;
            rest = rest[(digits + 1)..];
        }

        if (rest is "Z")
            return true;
        return rest.Length == 6 && rest[0] is '+' or '-' && rest[3] == ':'
            && char.IsAsciiDigit(rest[1]) && char.IsAsciiDigit(rest[2]) && char.IsAsciiDigit(rest[4]) && char.IsAsciiDigit(rest[5])
            && (rest[1] == '0' || (rest[1] == '1' && rest[2] <= '3') || rest[1..] is "14:00") && rest[4] <= '5';
    }
}
