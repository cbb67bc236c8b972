using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;
using Pipeline.CloudEvents;

namespace Pipeline.Local.EventGrid;

/// <summary>Makes an event in structured mode, as which it is stored and delivered, of one in binary mode.</summary>
internal static class BinaryMode
{
    // Escapes no more than JSON asks for: what is not ASCII would become twice as long.
    private static readonly JsonWriterOptions Short = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <exception cref="InvalidDataException">It is no CloudEvent; the message says what is wrong.</exception>
    public static ReadOnlyMemory<byte> Read(TopicRequest request)
    {
        var headers = request.Headers.Select(h => KeyValuePair.Create(h.Key, (IReadOnlyList<string?>)h.Value));
        if (ReceivedEvent.Read(headers, request.Header("Content-Type"), request.Body, out var fault) is not { } read)
            throw new InvalidDataException($"The event: {fault}.");
        if (read.DataFault is { } wrong)
            throw new InvalidDataException($"The event: the data cannot be read: {wrong}.");
        var buffer = new ArrayBufferWriter<byte>(request.Body.Length + 512);
        using (var json = new Utf8JsonWriter(buffer, Short))
        {
            json.WriteStartObject();
            foreach (var (name, value) in read.Attributes)
                json.WriteString(name, value);
            if (read.Data is { } data)
                WriteData(json, read, data.Span);
            json.WriteEndObject();
        }

        return buffer.WrittenMemory;
    }

    private static void WriteData(Utf8JsonWriter json, ReceivedEvent read, ReadOnlySpan<byte> data)
    {
        if (read.IsJson)
        {
            json.WritePropertyName("data");
            json.WriteRawValue(data, skipInputValidation: true); // It has been parsed before.
        }
        else if (read["datacontenttype"]?.StartsWith("text/", StringComparison.OrdinalIgnoreCase) == true)
        {
            if (!Utf8.IsValid(data))
                throw new InvalidDataException("The event: the data is text, but not in utf-8.");
            json.WriteString("data", Encoding.UTF8.GetString(data));
        }
        else
        {
            json.WriteBase64String("data_base64", data);
        }
    }
}
