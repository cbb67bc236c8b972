using System.Collections.Concurrent;
using System.Text.Json;

namespace Pipeline.Contracts;

/// <summary>The schemas of the repository, embedded in this assembly.</summary>
internal static class StoredSchemas
{
    private static readonly ConcurrentDictionary<string, string?> Texts = new(StringComparer.Ordinal);

    public static string PathOf(string type) => "api/schemas/" + type;

    public static string? Find(string type) => Texts.GetOrAdd(type, static name =>
    {
        using var stream = typeof(StoredSchemas).Assembly.GetManifestResourceStream($"schemas/{name}.json");
        if (stream is null)
            return null;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    });

    public static string? DescriptionOf(string type)
    {
        if (Find(type) is not { } text)
            return null;
        using var schema = JsonDocument.Parse(text);
        return schema.RootElement.TryGetProperty("description", out var description) ? description.GetString() : null;
    }
}
