using System.Text.Json;
using System.Text.Json.Serialization;

namespace Pipeline.Contracts;

/// <summary>
/// Times in the format of RFC 3339, with an offset: no date alone, no local time, no leap second, at most nine decimals (of which seven are kept). The
/// serializer itself would read a time without offset as local time.
/// </summary>
public sealed class TimestampConverter : JsonConverter<DateTimeOffset>
{
    /// <summary>Gets the pattern that a schema has in addition to <c>format: date-time</c>, so that both accept the same times.</summary>
    public const string Pattern = "^[12][0-9]{3}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-5][0-9]([.][0-9]{1,9})?(Z|[+-]((0[0-9]|1[0-3]):[0-5][0-9]|14:00))$";

    /// <inheritdoc/>
    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String && HasShape(reader.GetString()!) && reader.TryGetDateTimeOffset(out var time) ? time : throw new JsonException();

    /// <inheritdoc/>
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
