using System.Text.Json.Nodes;
using Pipeline.Client;

namespace Pipeline.JsonPatches;

/// <summary>Compares JSON documents.</summary>
public static class JsonDifferences
{
    /// <summary>Where two documents differ, in the order of the first one. Arrays are compared place by place.</summary>
    /// <param name="before">The one; <see langword="null"/> where there was none.</param>
    /// <param name="after">The other one; <see langword="null"/> where there is none.</param>
    public static IEnumerable<JsonDifference> Between(JsonNode? before, JsonNode? after)
    {
        if (before is null && after is null)
            return [];
        if (before is null)
            return [new("", "added", null, after)];
        return after is null ? [new("", "removed", before, null)] : Within("", before, after);
    }

    private static IEnumerable<JsonDifference> Within(string path, JsonNode? before, JsonNode? after) => (before, after) switch
    {
        (JsonObject one, JsonObject other) => one
            .SelectMany(m => other.TryGetPropertyValue(m.Key, out var value)
                ? Within($"{path}/{JsonPointer.Escape(m.Key)}", m.Value, value)
                : [new($"{path}/{JsonPointer.Escape(m.Key)}", "removed", m.Value, null)])
            .Concat(other.Where(m => !one.ContainsKey(m.Key)).Select(m => new JsonDifference($"{path}/{JsonPointer.Escape(m.Key)}", "added", null, m.Value))),
        (JsonArray one, JsonArray other) => Enumerable.Range(0, Math.Max(one.Count, other.Count))
            .SelectMany(i => i >= one.Count ? [new(string.Create(CultureInfo.InvariantCulture, $"{path}/{i}"), "added", null, other[i])]
                : i >= other.Count ? [new(string.Create(CultureInfo.InvariantCulture, $"{path}/{i}"), "removed", one[i], null)]
                : Within(string.Create(CultureInfo.InvariantCulture, $"{path}/{i}"), one[i], other[i])),
        _ => JsonNode.DeepEquals(before, after) ? [] : [new(path, "changed", before, after)],
    };
}
