using System.Text.Json;
using System.Text.Json.Serialization;

namespace Pipeline.Contracts;

/// <summary>As <see cref="Int32Converter"/>, up to what a double holds exactly.</summary>
public sealed class Int64Converter : JsonConverter<long>
{
    private const double MostExact = 9007199254740991;

    /// <inheritdoc/>
    public override long Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.Number)
            throw new JsonException();
        if (reader.TryGetInt64(out var number))
            return number;
        return reader.TryGetDouble(out var value) && double.IsInteger(value) && value is >= -MostExact and <= MostExact ? (long)value : throw new JsonException();
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, long value, JsonSerializerOptions options) => writer.WriteNumberValue(value);
}
