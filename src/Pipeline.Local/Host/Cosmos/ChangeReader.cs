using System.Text.Json;

namespace Pipeline.Local.Hosting;

/// <summary>Reads a page of the change feed.</summary>
internal static class ChangeReader
{
    /// <summary>The JSON array within a page: the page itself, or its <c>Documents</c>.</summary>
    public static async Task<ReadOnlyMemory<byte>> DocumentsAsync(Stream page, CancellationToken cancellationToken)
    {
        if (page is not MemoryStream memory)
        {
            memory = new MemoryStream();
            await page.CopyToAsync(memory, cancellationToken);
            memory.Position = 0;
        }

        var bytes = memory.TryGetBuffer(out var buffer) ? buffer.AsMemory((int)memory.Position) : memory.ToArray();
        var range = Documents(bytes.Span);
        return bytes[range];
    }

    private static Range Documents(ReadOnlySpan<byte> page)
    {
        var reader = new Utf8JsonReader(page);
        reader.Read();
        while (reader.TokenType != JsonTokenType.StartArray)
        {
            if (!reader.Read())
                throw new InvalidDataException("A page of the change feed holds no documents.");
            if (reader.TokenType != JsonTokenType.PropertyName)
                continue;
            var isDocuments = reader.ValueTextEquals("Documents"u8);
            reader.Read();
            if (!isDocuments)
                reader.Skip();
        }

        var start = (int)reader.TokenStartIndex;
        reader.Skip();
        return start..(int)reader.BytesConsumed;
    }

    /// <summary>How many documents there are in a JSON array.</summary>
    public static int Count(ReadOnlySpan<byte> documents)
    {
        var reader = new Utf8JsonReader(documents);
        var count = 0;
        for (reader.Read(); reader.Read() && reader.TokenType != JsonTokenType.EndArray; count++)
            reader.Skip();
        return count;
    }
}
