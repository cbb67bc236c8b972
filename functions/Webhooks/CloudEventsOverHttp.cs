using System.Runtime.InteropServices;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Pipeline.Functions;

/// <summary>How events lie in a request (CloudEvents HTTP protocol binding 1.0.2, section 3).</summary>
internal enum ContentMode
{
    /// <summary>Attributes in <c>ce-</c> headers, data in the body.</summary>
    Binary,

    /// <summary>One event in JSON.</summary>
    Structured,

    /// <summary>A JSON array of events.</summary>
    Batch,
}

/// <summary>An event of a request: as the pipeline takes it, or what is wrong with it.</summary>
internal readonly record struct ReadEvent(ReadOnlyMemory<byte> Body, string? Wrong);

/// <summary>Reads the events of a request in all three content modes.</summary>
internal static class CloudEventsOverHttp
{
    /// <summary>What the receiver takes, as <c>Accept</c> says it.</summary>
    public const string Accepted = StructuredType + ", " + BatchType + ", application/json";

    private const string StructuredType = "application/cloudevents+json";
    private const string BatchType = "application/cloudevents-batch+json";
    private const string EventTypes = "application/cloudevents";
    private const string HeaderPrefix = "ce-";

    // A property that is there twice could be read in two ways, by us and by whoever looked at it before.
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    /// <summary>The content mode, from the headers alone; <see langword="null"/> and why if it is none.</summary>
    public static ContentMode? ModeOf(HttpRequest request, out string why)
    {
        why = "";
        var encoding = request.Headers.ContentEncoding.ToString();
        if (encoding.Length > 0 && !encoding.Equals("identity", StringComparison.OrdinalIgnoreCase))
            why = $"The body is encoded as '{encoding}'; send it as it is.";
        else if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type))
            why = "There is no usable Content-Type.";
        else if (!ForeignEvent.IsUtf8(type))
            why = $"The charset '{type.Charset}' is not read; send UTF-8.";
        else if (type.MediaType.Equals(StructuredType, StringComparison.OrdinalIgnoreCase))
            return ContentMode.Structured;
        else if (type.MediaType.Equals(BatchType, StringComparison.OrdinalIgnoreCase))
            return ContentMode.Batch;
        else if (type.MediaType.StartsWith(EventTypes, StringComparison.OrdinalIgnoreCase))
            why = $"'{type.MediaType}' is an event format that is not read here.";
        else if (!request.Headers.Keys.Any(name => name.StartsWith(HeaderPrefix, StringComparison.OrdinalIgnoreCase)))
            why = $"'{type.MediaType}' without 'ce-' headers is no CloudEvent.";
        else if (!ForeignEvent.IsJson(request.ContentType!))
            why = $"Data of type '{type.MediaType}' is not read; send JSON.";
        else
            return ContentMode.Binary;
        return null;
    }

    /// <summary>Reads all events, or one more than a batch may have. One that is wrong does not hide the others.</summary>
    /// <exception cref="JsonException">The body as a whole is not what the mode says.</exception>
    public static List<ReadEvent> Read(HttpRequest request, ContentMode mode, byte[] body, WebhookSource webhook)
    {
        if (mode == ContentMode.Binary)
            return [ReadBinary(request.Headers, body, webhook)];
        using var document = Parse(body);
        var root = document.RootElement;
        if (mode == ContentMode.Structured)
            return [ReadStructured(root, webhook)];
        if (root.ValueKind != JsonValueKind.Array)
            throw new JsonException($"a batch is a JSON array, not a JSON {root.ValueKind.ToString().ToLowerInvariant()}");
        return [.. root.EnumerateArray().Take(WebhooksApi.MaxBatch + 1).Select(element => ReadStructured(element, webhook))];
    }

    private static ReadEvent ReadBinary(IHeaderDictionary headers, byte[] body, WebhookSource webhook)
    {
        var read = new ForeignEvent();
        foreach (var (name, values) in headers)
        {
            if (!name.StartsWith(HeaderPrefix, StringComparison.OrdinalIgnoreCase))
                continue;
            var attribute = name[HeaderPrefix.Length..].ToLowerInvariant();

            // The data's type is the Content-Type here, which ModeOf has seen.
            if (!ForeignEvent.Takes(attribute) || attribute == "datacontenttype")
                continue;
            if (values.Count != 1)
                return Refuse($"the header '{name}' is there {values.Count} times");
            if (!HeaderText.TryDecode(values.ToString(), out var value))
                return Refuse($"the header '{name}' cannot be decoded: a '%' begins the code of a byte in UTF-8, in two hex digits");
            if (read.Set(attribute, value) is { } wrong)
                return Refuse(wrong);
        }

        return body.Length > 0 && SetData(read, body) is { } problem ? Refuse(problem) : Write(read, webhook);
    }

    private static ReadEvent ReadStructured(JsonElement element, WebhookSource webhook)
    {
        if (element.ValueKind != JsonValueKind.Object)
            return Refuse($"an event is a JSON object, not a JSON {element.ValueKind.ToString().ToLowerInvariant()}");
        var read = new ForeignEvent();
        foreach (var property in element.EnumerateObject())
        {
            // JSON format 1.0.2, section 2.2: null is as good as absent.
            if (property.Value.ValueKind == JsonValueKind.Null)
                continue;
            var wrong = property.Name switch
            {
                "data" when element.TryGetProperty("data_base64"u8, out var other) && other.ValueKind != JsonValueKind.Null =>
                    "there are both 'data' and 'data_base64'",
                "data" => SetData(read, property.Value),
                "data_base64" => SetBase64(read, property.Value),
                var name when !ForeignEvent.Takes(name) => null,
                _ when property.Value.ValueKind != JsonValueKind.String => $"'{property.Name}' is no string",
                _ => SetText(read, property),
            };
            if (wrong is not null)
                return Refuse(wrong);
        }

        return Write(read, webhook);
    }

    private static ReadEvent Write(ForeignEvent read, WebhookSource webhook) =>
        read.Write(webhook, out var body) is { } wrong ? Refuse(wrong) : new ReadEvent(body, null);

    private static ReadEvent Refuse(string wrong) => new(default, wrong);

    private static string? SetText(ForeignEvent read, JsonProperty property)
    {
        try
        {
            return read.Set(property.Name, property.Value.GetString()!);
        }
        catch (InvalidOperationException)
        {
            return $"'{property.Name}' is no text: half a surrogate pair, or bytes that are no UTF-8";
        }
    }

    private static string? SetData(ForeignEvent read, JsonElement data)
    {
        read.Data = JsonMarshal.GetRawUtf8Value(data).ToArray();
        return null;
    }

    private static string? SetBase64(ForeignEvent read, JsonElement data) =>
        data.ValueKind == JsonValueKind.String && data.TryGetBytesFromBase64(out var bytes) ? SetData(read, bytes) : "'data_base64' is not Base64";

    private static string? SetData(ForeignEvent read, byte[] data)
    {
        try
        {
            Parse(data).Dispose();
        }
        catch (JsonException e)
        {
            return "the data is not JSON: " + Where(e);
        }

        read.Data = data;
        return null;
    }

    private static JsonDocument Parse(byte[] body) => JsonDocument.Parse(body, Strict);

    /// <summary>The place of an error, where it has one.</summary>
    public static string Where(JsonException e) =>
        e.LineNumber is { } line ? $"line {line + 1}, byte {e.BytePositionInLine + 1}" : e.Message;
}
