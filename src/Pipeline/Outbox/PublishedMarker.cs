using System.Buffers;
using System.Text.Json;
using Pipeline.Messages;
using Pipeline.Storage;

namespace Pipeline.Outbox;

/// <summary>
/// What stays of an outbox record with events that no consumer gets: nothing else would tell that they were published, and
/// when. It takes the record's place in the write that would have deleted it, without data, and expires.
/// </summary>
internal static class PublishedMarker
{
    private static readonly string[] Kept = ["id", "type", "source", "subject", "sequence", "correlationid", "causationid"];

    /// <summary>The record to store in place of the outbox record; <see langword="null"/> if every event of it has a consumer.</summary>
    public static byte[]? Of(JsonElement raw, Listeners listeners, DateTimeOffset publishedAt, TimeSpan timeToLive)
    {
        var unheard = raw.GetProperty("messages"u8).EnumerateArray()
            .Where(m => m.GetProperty("event"u8).GetProperty("type"u8).GetString() is { } type && !listeners.Any(type))
            .ToList();
        if (unheard.Count == 0)
            return null;
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            foreach (var name in new[] { "id", "pk", "committedAt", "correlationIds" })
            {
                if (!raw.TryGetProperty(name, out var value))
                    continue;
                writer.WritePropertyName(name);
                value.WriteTo(writer);
            }

            writer.WriteString("kind"u8, RecordKinds.Published);
            writer.WriteNumber("ttl"u8, (int)timeToLive.TotalSeconds);

            // As on a record whose messages Service Bus has got: nothing of it is to be sent.
            writer.WriteString("sent"u8, publishedAt);
            writer.WriteStartArray("messages"u8);
            foreach (var message in unheard)
                Write(writer, message);
            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static void Write(Utf8JsonWriter writer, JsonElement message)
    {
        writer.WriteStartObject();
        writer.WritePropertyName("to"u8);
        message.GetProperty("to"u8).WriteTo(writer);
        writer.WriteStartObject("event"u8);
        foreach (var property in message.GetProperty("event"u8).EnumerateObject().Where(p => Kept.Contains(p.Name)))
            property.WriteTo(writer);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }
}
