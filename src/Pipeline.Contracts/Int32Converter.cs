using System.Text.Json;
using System.Text.Json.Serialization;

namespace Pipeline.Contracts;

/// <summary>Reads whole numbers as JSON Schema means them: <c>1.0</c> and <c>1e0</c> are integers too.</summary>
public sealed class Int32Converter : JsonConverter<int>
{
    /// <inheritdoc/>
    public override int Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        // Without a message, so that the serializer adds its own with the path.
        if (reader.TokenType != JsonTokenType.Number)
            throw new JsonException();
        if (reader.TryGetInt32(out var number))
            return number;
        return reader.TryGetDouble(out var value) && double.IsInteger(value) && value is >= int.MinValue and <= int.MaxValue ? (int)value : throw new JsonException();
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, int value, JsonSerializerOptions options) => writer.WriteNumberValue(value);
}
