using System.Net.Http.Headers;
using System.Text.Json;
using Pipeline.CloudEvents;

namespace Pipeline.Local.EventGrid;

/// <summary>Reads CloudEvents 1.0 in structured, batch and binary mode, and refuses what is none, or could not be dead-lettered.</summary>
/// <remarks>See the CloudEvents specification's JSON event format and HTTP protocol binding, version 1.0.2.</remarks>
internal static class EventReader
{
    private const string Structured = "application/cloudevents+json";
    private const string Batch = "application/cloudevents-batch+json";

    /// <exception cref="InvalidDataException">It is no CloudEvent; the message says what is wrong.</exception>
    public static IncomingEvents Read(TopicRequest request)
    {
        var contentType = request.Header("Content-Type");
        var media = MediaTypeHeaderValue.TryParse(contentType, out var parsed) ? parsed : null;
        if (!ReceivedEvent.IsUtf8(media?.CharSet))
            throw new InvalidDataException($"The charset '{media!.CharSet}' is not supported; events are sent in utf-8.");
        if (Batch.Equals(media?.MediaType, StringComparison.OrdinalIgnoreCase))
            return ReadBatch(request.Body);
        if (Structured.Equals(media?.MediaType, StringComparison.OrdinalIgnoreCase))
            return ReadOne(request.Body);
        if (request.Headers.Keys.Any(AttributeHeader.IsOne))
            return ReadOne(BinaryMode.Read(request));
        throw new InvalidDataException(
            $"This topic takes CloudEvents 1.0. The content type is '{contentType}', and there is no ce- header: send {Batch}, {Structured}, " +
            "or an event in binary mode.");
    }

    private static IncomingEvents ReadOne(ReadOnlyMemory<byte> json) => ReadAll([json], _ => "The event");

    private static IncomingEvents ReadBatch(ReadOnlyMemory<byte> json)
    {
        try
        {
            var events = EventBatch.Split(json, int.MaxValue);
            return ReadAll(events, i => FormattableString.Invariant($"Event {i + 1} of {events.Count}"));
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"The body is no JSON, or not of {Batch}: {error.Message}", error);
        }
    }

    private static IncomingEvents ReadAll(List<ReadOnlyMemory<byte>> all, Func<int, string> where)
    {
        var documents = new List<JsonDocument>(all.Count);
        var events = new List<IncomingEvent>(all.Count);
        for (var i = 0; i < all.Count; i++)
        {
            var read = Check(all[i], where(i));
            documents.Add(JsonDocument.Parse(all[i]));
            events.Add(new IncomingEvent(read["id"]!, read["type"]!, read["subject"] ?? "", documents[i].RootElement));
        }

        return new IncomingEvents(documents, events);
    }

    private static ReceivedEvent Check(ReadOnlyMemory<byte> json, string where)
    {
        if (ReceivedEvent.Read(json, out var fault) is not { } read)
            throw new InvalidDataException($"{where}: {fault}.");
        return read.DataFault is { } wrong ? throw new InvalidDataException($"{where}: the data cannot be read: {wrong}.") : read;
    }
}
