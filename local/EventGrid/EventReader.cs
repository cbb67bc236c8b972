using System.Buffers;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Pipeline.Local.EventGrid;

/// <summary>An event that a publisher sent, within the lifetime of its <see cref="IncomingEvents"/>.</summary>
internal readonly record struct IncomingEvent(string Id, string Type, string Subject, JsonElement Element);

/// <summary>The events of one request, checked.</summary>
internal sealed class IncomingEvents(JsonDocument document, IReadOnlyList<IncomingEvent> events) : IDisposable
{
    public IReadOnlyList<IncomingEvent> Events => events;

    public void Dispose() => document.Dispose();
}

/// <summary>Reads CloudEvents 1.0 in structured, batch and binary mode, and refuses what is none.</summary>
/// <remarks>See the CloudEvents specification's JSON event format and HTTP protocol binding, version 1.0.2.</remarks>
internal static class EventReader
{
    private const string Structured = "application/cloudevents+json";
    private const string Batch = "application/cloudevents-batch+json";
    private const string AttributePrefix = "ce-";
    private const int MaxNameCharacters = 20;

    /// <exception cref="InvalidDataException">It is no CloudEvent; the message says what is wrong.</exception>
    public static IncomingEvents Read(TopicRequest request)
    {
        var contentType = request.Header("Content-Type");
        var media = MediaTypeHeaderValue.TryParse(contentType, out var parsed) ? parsed : null;
        if (media?.CharSet is { } charset && !charset.Trim('"').Equals("utf-8", StringComparison.OrdinalIgnoreCase))
            throw new InvalidDataException($"The charset '{charset}' is not supported; events are sent in utf-8.");
        var isBatch = Batch.Equals(media?.MediaType, StringComparison.OrdinalIgnoreCase);
        if (isBatch || Structured.Equals(media?.MediaType, StringComparison.OrdinalIgnoreCase))
            return Parse(request.Body, isBatch);
        if (request.Header("ce-specversion") is not null)
            return Parse(FromBinaryMode(request, media), isBatch: false);
        throw new InvalidDataException(
            $"This topic takes CloudEvents 1.0. The content type is '{contentType}', and there is no ce-specversion header: send {Batch}, {Structured}, " +
            "or an event in binary mode.");
    }

    private static IncomingEvents Parse(ReadOnlyMemory<byte> json, bool isBatch)
    {
        if (!Utf8.IsValid(json.Span))
            throw new InvalidDataException("The body is no UTF-8.");
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(json);
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"The body is no JSON. {error.Message}", error);
        }

        try
        {
            return new IncomingEvents(document, Check(document.RootElement, isBatch));
        }
        catch (Exception error)
        {
            document.Dispose();
            if (error is InvalidOperationException)
                throw new InvalidDataException($"An attribute is no valid text. {error.Message}", error);
            throw;
        }
    }

    private static List<IncomingEvent> Check(JsonElement root, bool isBatch)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        if (!isBatch)
            return [Check(root, "The event", names)];
        if (root.ValueKind != JsonValueKind.Array)
            throw new InvalidDataException($"{Batch} is an array of events; the body is a JSON {root.ValueKind}.");
        var events = new List<IncomingEvent>(root.GetArrayLength());
        foreach (var element in root.EnumerateArray())
            events.Add(Check(element, $"Event {events.Count + 1} of {root.GetArrayLength()}", names));
        return events;
    }

    private static IncomingEvent Check(JsonElement element, string where, HashSet<string> names)
    {
        if (element.ValueKind != JsonValueKind.Object)
            throw new InvalidDataException($"{where} is a JSON {element.ValueKind}, not an object.");
        names.Clear();
        foreach (var property in element.EnumerateObject())
        {
            if (!names.Add(property.Name))
                throw new InvalidDataException($"{where} has '{property.Name}' twice.");
            CheckProperty(property, where);
        }

        if (names.Contains("data") && names.Contains("data_base64"))
            throw new InvalidDataException($"{where} has both data and data_base64.");
        var version = Required(element, "specversion", where);
        if (version != "1.0")
            throw new InvalidDataException($"{where} has specversion '{version}'; 1.0 is supported.");
        _ = Required(element, "source", where);
        var subject = element.TryGetProperty("subject", out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
        return new IncomingEvent(Required(element, "id", where), Required(element, "type", where), subject, element);
    }

    private static string Required(JsonElement element, string name, string where) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text
            ? text
            : throw new InvalidDataException($"{where} lacks the attribute '{name}', a text that is not empty.");

    private static void CheckProperty(JsonProperty property, string where)
    {
        switch (property.Name)
        {
            case "data":
                return;
            case "data_base64":
                if (property.Value.ValueKind != JsonValueKind.String || !property.Value.TryGetBytesFromBase64(out _))
                    throw new InvalidDataException($"{where} has data_base64 that is no base64 text.");
                return;
            case "time":
                if (property.Value.ValueKind != JsonValueKind.Null
                    && (property.Value.ValueKind != JsonValueKind.String || !property.Value.TryGetDateTimeOffset(out _)))
                {
                    throw new InvalidDataException($"{where} has a time that is no RFC 3339 timestamp.");
                }

                return;
            default:
                CheckName(property.Name, where);
                if (property.Value.ValueKind is JsonValueKind.Object or JsonValueKind.Array)
                    throw new InvalidDataException($"{where} has the attribute '{property.Name}' with a JSON {property.Value.ValueKind}; an attribute is a text, a number or a boolean.");
                return;
        }
    }

    private static void CheckName(string name, string where)
    {
        if (name.Length is 0 or > MaxNameCharacters || !name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c)))
            throw new InvalidDataException($"{where} has the attribute '{name}'; names have 1 to {MaxNameCharacters} lower-case letters and digits.");
    }

    private static ReadOnlyMemory<byte> FromBinaryMode(TopicRequest request, MediaTypeHeaderValue? media)
    {
        var buffer = new ArrayBufferWriter<byte>(request.Body.Length + 512);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            foreach (var (header, value) in request.Headers)
            {
                if (!header.StartsWith(AttributePrefix, StringComparison.OrdinalIgnoreCase))
                    continue;
                var name = header[AttributePrefix.Length..].ToLowerInvariant();
                if (name is "data" or "datacontenttype")
                    throw new InvalidDataException($"The header {header} is not allowed in binary mode.");
                json.WriteString(name, Uri.UnescapeDataString(value));
            }

            if (media is not null)
                json.WriteString("datacontenttype", media.ToString());
            WriteData(json, request.Body, media);
            json.WriteEndObject();
        }

        return buffer.WrittenMemory;
    }

    private static void WriteData(Utf8JsonWriter json, ReadOnlyMemory<byte> body, MediaTypeHeaderValue? media)
    {
        if (body.IsEmpty)
            return;
        var type = media?.MediaType ?? "";
        if (type.EndsWith("/json", StringComparison.OrdinalIgnoreCase) || type.EndsWith("+json", StringComparison.OrdinalIgnoreCase))
        {
            json.WritePropertyName("data");
            try
            {
                json.WriteRawValue(body.Span);
            }
            catch (JsonException error)
            {
                throw new InvalidDataException($"The content type is {type}, but the body is no JSON. {error.Message}", error);
            }
        }
        else if (type.StartsWith("text/", StringComparison.OrdinalIgnoreCase))
        {
            json.WriteString("data", Encoding.UTF8.GetString(body.Span));
        }
        else
        {
            json.WriteBase64String("data_base64", body.Span);
        }
    }
}
