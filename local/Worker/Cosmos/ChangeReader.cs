using System.Reflection;
using System.Text;
using System.Text.Json;

namespace Pipeline.Local.Worker;

/// <summary>Makes the trigger parameter's value of a page of the change feed.</summary>
internal static class ChangeReader
{
    private static readonly JsonSerializerOptions _json = new() { PropertyNameCaseInsensitive = true };

    /// <summary>A reader for this parameter type; <see langword="null"/> if there is none.</summary>
    public static Func<ReadOnlyMemory<byte>, object>? For(Type type)
    {
        if (type == typeof(string))
            return static json => Encoding.UTF8.GetString(json.Span);
        if (type.IsArray)
            return Of(nameof(Array), type.GetElementType()!);
        if (!type.IsGenericType)
            return null;
        var item = type.GetGenericArguments()[0];
        var definition = type.GetGenericTypeDefinition();
        if (definition == typeof(List<>))
            return Of(nameof(List), item);
        if (definition != typeof(IReadOnlyList<>) && definition != typeof(IReadOnlyCollection<>) && definition != typeof(IEnumerable<>))
            return null;
        return item == typeof(JsonElement) ? Elements : Of(nameof(Array), item);
    }

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

    // One document for the whole page, not one for every element.
    private static JsonElement[] Elements(ReadOnlyMemory<byte> json)
    {
        var reader = new Utf8JsonReader(json.Span);
        var array = JsonElement.ParseValue(ref reader);
        var elements = new JsonElement[array.GetArrayLength()];
        var i = 0;
        foreach (var element in array.EnumerateArray())
            elements[i++] = element;
        return elements;
    }

    private static T[] Array<T>(ReadOnlyMemory<byte> json) => JsonSerializer.Deserialize<T[]>(json.Span, _json)!;

    private static List<T> List<T>(ReadOnlyMemory<byte> json) => JsonSerializer.Deserialize<List<T>>(json.Span, _json)!;

    private static Func<ReadOnlyMemory<byte>, object> Of(string reader, Type item) =>
        typeof(ChangeReader).GetMethod(reader, BindingFlags.NonPublic | BindingFlags.Static)!
            .MakeGenericMethod(item)
            .CreateDelegate<Func<ReadOnlyMemory<byte>, object>>();
}
