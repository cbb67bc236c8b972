using System.Text.Json;
using System.Text.Json.Serialization;
using Pipeline.CloudEvents;

namespace Pipeline.AzureFunctions.Http;

/// <summary>Times in the bodies of requests, by which dead letters are selected: as <see cref="Rfc3339.TryReadDateOrTime"/> reads them.</summary>
internal sealed class TimeConverter : JsonConverter<DateTimeOffset>
{
    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var text = reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
        return Rfc3339.TryReadDateOrTime(text, out var time) ? time : throw new UnusableTimeException(text);
    }

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) => writer.WriteStringValue(value);
}
