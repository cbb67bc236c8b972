using System.Text.Json;

namespace Pipeline.CloudEvents;

/// <summary>Takes batches apart (JSON event format 1.0.2, section 4), so that an event that is wrong does not hide the others.</summary>
public static class EventBatch
{
    /// <summary>The events of a batch, as they are, to be read one by one.</summary>
    /// <param name="utf8">The batch.</param>
    /// <param name="most">The most events to return.</param>
    /// <exception cref="JsonException">It is no JSON array.</exception>
    public static List<ReadOnlyMemory<byte>> Split(ReadOnlyMemory<byte> utf8, int most)
    {
        // Not by JsonDocument, whose time grows with the square of the depth. What is too deep is told with the event.
        var reader = new Utf8JsonReader(utf8.Span, new JsonReaderOptions { MaxDepth = utf8.Length + 1 });
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartArray)
            throw new JsonException($"a batch is a JSON array, not a JSON {NameOf(reader.TokenType)}");
        var events = new List<ReadOnlyMemory<byte>>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            if (events.Count < most)
                events.Add(utf8[start..(int)reader.BytesConsumed]);
        }

        // Nothing may follow.
        reader.Read();
        return events;
    }

    private static string NameOf(JsonTokenType token) => token switch
    {
        JsonTokenType.StartObject => "object",
        JsonTokenType.String => "string",
        JsonTokenType.Number => "number",
        JsonTokenType.True or JsonTokenType.False => "boolean",
        _ => "null",
    };
}
