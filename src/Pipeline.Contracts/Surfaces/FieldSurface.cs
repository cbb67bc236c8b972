using System.Collections.Frozen;
using System.Text.Json.Nodes;

namespace Pipeline.Contracts.Surfaces;

/// <summary>The surface of one field.</summary>
/// <param name="Path">Where it is: <c>$.lines[].sku</c>.</param>
/// <param name="Types">JSON types, in alphabetic order.</param>
/// <param name="IsRequired">Whether it is always there.</param>
/// <param name="Limits">Keywords of JSON Schema, each with its value as JSON; in one form only, so that what means the same is the same.</param>
public sealed record FieldSurface(string Path, IReadOnlyList<string> Types, bool IsRequired, IReadOnlyDictionary<string, string> Limits)
{
    private static readonly FrozenSet<string> OtherKeywords = new[] { "type", "properties", "required", "items" }.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>Keywords without effect on the allowed values.</summary>
    private static readonly FrozenSet<string> Annotations =
        new[] { "title", "description", "$comment", "examples", "deprecated", "readOnly", "writeOnly" }.ToFrozenSet(StringComparer.Ordinal);

    private static readonly FrozenSet<string> Known = new[]
    {
        "minLength", "maxLength", "pattern", "format", "minimum", "maximum", "multipleOf", "minItems", "maxItems", "uniqueItems", "enum", "default",
    }.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>Reads a field's schema.</summary>
    /// <exception cref="NotSupportedException">It has a keyword whose changes cannot be judged.</exception>
    internal static FieldSurface Of(JsonObject schema, string path, bool isRequired)
    {
        var listed = schema["type"] switch
        {
            JsonArray several => several.Select(t => (string)t!),
            JsonValue one => [(string)one!],
            _ => throw new NotSupportedException($"'{path}' has no 'type'."),
        };
        var names = listed.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        var limits = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (keyword, value) in schema)
        {
            if (OtherKeywords.Contains(keyword) || Annotations.Contains(keyword))
                continue;
            var (name, text) = Normalize(keyword, value, names.Contains("integer"));
            if (!Known.Contains(name))
                throw new NotSupportedException($"'{path}' has the keyword '{keyword}', whose changes cannot be compared; there are {string.Join(", ", Known.Order(StringComparer.Ordinal))}.");
            if (text is not null)
                limits[name] = text;
        }

        return new FieldSurface(path, names, isRequired, limits);
    }

    /// <summary>Normalises equivalent values; no value for one without meaning.</summary>
    private static (string Keyword, string? Value) Normalize(string keyword, JsonNode? value, bool isInteger)
    {
        switch (keyword)
        {
            case "exclusiveMinimum" when isInteger:
                return ("minimum", Number(Math.Floor(value!.GetValue<decimal>()) + 1));
            case "exclusiveMaximum" when isInteger:
                return ("maximum", Number(Math.Ceiling(value!.GetValue<decimal>()) - 1));
            case "minimum" or "maximum" or "multipleOf" or "maxLength" or "maxItems":
                return (keyword, Number(value!.GetValue<decimal>()));
            case "minLength" or "minItems":
                return (keyword, value!.GetValue<decimal>() == 0 ? null : Number(value.GetValue<decimal>()));
            case "uniqueItems":
                return (keyword, value!.GetValue<bool>() ? "true" : null);
            case "const":
                return ("enum", $"[{Text(value)}]");
            case "enum":
                return ("enum", $"[{string.Join(',', value!.AsArray().Select(Text).Order(StringComparer.Ordinal))}]");
            case "default":
                return (keyword, value is null ? null : Text(value));
            default:
                return (keyword, Text(value));
        }
    }

    private static string Number(decimal value) => (value / 1.000000000000000000000000000000m).ToString(System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Compact JSON, whose only spaces are within texts: escaped, because a space ends a word of the surface's file.</summary>
    private static string Text(JsonNode? value) =>
        (value is JsonValue v && v.TryGetValue<string>(out var text) ? SchemaText.Quote(text) : value?.ToJsonString() ?? "null").Replace(" ", "\\u0020", StringComparison.Ordinal);
}
