using System.Collections.Concurrent;
using System.Reflection;
using System.Text.Json;

namespace Pipeline.Contracts;

/// <summary>The stored schemas, embedded in the assembly of the records as <c>schemas/TYPE.json</c>.</summary>
internal static class StoredSchemas
{
    private static readonly ConcurrentDictionary<(Assembly Records, string Type), string?> Texts = new();

    public static string PathOf(string type) => "api/schemas/" + type;

    public static string? Find(Assembly records, string type) => Texts.GetOrAdd((records, type), static key =>
    {
        using var stream = key.Records.GetManifestResourceStream($"schemas/{key.Type}.json");
        if (stream is null)
            return null;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    });

    public static string? DescriptionOf(Assembly records, string type)
    {
        if (Find(records, type) is not { } text)
            return null;
        using var schema = JsonDocument.Parse(text);
        return schema.RootElement.TryGetProperty("description", out var description) ? description.GetString() : null;
    }
}
