using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using Pipeline.CloudEvents;

namespace Pipeline.AzureFunctions.Webhooks;

/// <summary>Reads the events of a request in all three content modes.</summary>
internal static class CloudEventsOverHttp
{
    /// <summary>The accepted media types, for the header <c>Accept</c>.</summary>
    public const string Accepted = StructuredType + ", " + BatchType + ", application/json";

    public const string StructuredType = "application/cloudevents+json";
    public const string BatchType = "application/cloudevents-batch+json";
    private const string EventTypes = "application/cloudevents";

    /// <summary>Gets the content mode from the headers; <see langword="null"/> and the reason if there is none.</summary>
    public static ContentMode? ModeOf(HttpRequest request, out string why)
    {
        why = "";
        var encoding = request.Headers.ContentEncoding.ToString();
        if (encoding.Length > 0 && !encoding.Equals("identity", StringComparison.OrdinalIgnoreCase))
            why = $"The body is encoded as '{encoding}'; send it without an encoding.";
        else if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type))
            why = "The Content-Type is missing or invalid.";
        else if (!ReceivedEvent.IsUtf8(type.Charset.Value))
            why = $"The charset '{type.Charset}' is not supported; send UTF-8.";
        else if (type.MediaType.Equals(StructuredType, StringComparison.OrdinalIgnoreCase))
            return ContentMode.Structured;
        else if (type.MediaType.Equals(BatchType, StringComparison.OrdinalIgnoreCase))
            return ContentMode.Batch;
        else if (type.MediaType.StartsWith(EventTypes, StringComparison.OrdinalIgnoreCase))
            why = $"'{type.MediaType}' is an event format that is not supported.";
        else if (!request.Headers.Keys.Any(AttributeHeader.IsOne))
            why = $"'{type.MediaType}' without 'ce-' headers is not a CloudEvent.";
        else if (!ReceivedEvent.IsJsonType(request.ContentType))
            why = $"Data of type '{type.MediaType}' is not supported; send JSON.";
        else
            return ContentMode.Binary;
        return null;
    }

    /// <summary>Reads all events, or one more than the limit of a batch. An invalid one does not hide the others.</summary>
    /// <exception cref="JsonException">The body as a whole does not match the mode.</exception>
    public static List<ReadEvent> Read(HttpRequest request, ContentMode mode, byte[] body, WebhookSource webhook)
    {
        if (mode == ContentMode.Binary)
        {
            var headers = request.Headers.Select(h => KeyValuePair.Create(h.Key, (IReadOnlyList<string?>)h.Value));
            return [Write(ReceivedEvent.Read(headers, request.ContentType, body, out var wrong), wrong, webhook)];
        }

        if (mode == ContentMode.Structured)
            return [ReadStructured(body, webhook)];
        return [.. EventBatch.Split(body, WebhooksApi.MaxBatch + 1).Select(json => ReadStructured(json, webhook))];
    }

    private static ReadEvent ReadStructured(ReadOnlyMemory<byte> json, WebhookSource webhook) => Write(ReceivedEvent.Read(json, out var wrong), wrong, webhook);

    private static ReadEvent Write(ReceivedEvent? read, EventFault fault, WebhookSource webhook)
    {
        if (read is null)
            return new(default, fault.ToString());
        return ForeignEvent.Write(read, webhook, out var body) is { } wrong ? new(default, wrong) : new(body, null);
    }

    /// <summary>Gets the position of an error, if it has one.</summary>
    public static string Where(JsonException e) =>
        e.LineNumber is { } line ? string.Create(CultureInfo.InvariantCulture, $"line {line + 1}, byte {e.BytePositionInLine + 1}") : e.Message;
}
