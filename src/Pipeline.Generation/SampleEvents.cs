using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Pipeline.Contracts;

namespace Pipeline.Generation;

/// <summary>
/// First samples of a contract, made of its schema: one with every field, one with only what is required. They are written once.
/// From then on they are golden events, which stay as they are.
/// </summary>
internal static class SampleEvents
{
    private const string Time = "2026-08-01T09:30:00+00:00";

    /// <summary>A sample.</summary>
    /// <param name="contract">The contract.</param>
    /// <param name="schema">Its schema.</param>
    /// <param name="isFull">Whether it has every field.</param>
    /// <exception cref="GenerationException">No example of a field could be made.</exception>
    public static JsonObject Of(Contract contract, JsonObject schema, bool isFull)
    {
        var data = ObjectOf(contract, schema, "$", isFull);
        if (contract.TryRead(Encoding.UTF8.GetBytes(data.ToJsonString()), out var record) is { } wrong)
            throw Unmade(contract, wrong);
        var key = contract.KeyOf(record!);
        var sample = new JsonObject
        {
            ["specversion"] = "1.0",
            ["id"] = $"{contract.Owner}:{key}:1",
            ["source"] = contract.Owner,
            ["type"] = contract.Type,
            ["subject"] = key,
            ["time"] = Time,
            ["datacontenttype"] = "application/json",
            ["dataschema"] = "https://pipeline.example/api/schemas/" + contract.Type,
            ["partitionkey"] = key,
        };
        if (contract.IsEvent)
            sample["sequence"] = "0000000000000000001";
        sample["correlationid"] = key;
        sample["causationid"] = $"{contract.Owner}:{key}:0";
        if (isFull)
            sample["traceparent"] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        sample["data"] = data;
        return sample;
    }

    private static JsonObject ObjectOf(Contract contract, JsonObject schema, string path, bool isFull)
    {
        var required = (schema["required"] as JsonArray ?? []).Select(n => (string)n!).ToHashSet(StringComparer.Ordinal);
        var made = new JsonObject();
        foreach (var (name, field) in schema["properties"]!.AsObject())
        {
            if (isFull || required.Contains(name))
                made[name] = ValueOf(contract, field!.AsObject(), name, $"{path}.{name}", isFull);
        }

        return made;
    }

    private static JsonNode ValueOf(Contract contract, JsonObject schema, string name, string path, bool isFull)
    {
        var type = schema["type"] is JsonArray several ? several.Select(t => (string)t!).First(t => t != "null") : (string)schema["type"]!;
        switch (type)
        {
            case "object":
                return ObjectOf(contract, schema, path, isFull);
            case "array":
                var count = Math.Max(Length(schema, "minItems", 0), isFull ? Math.Min(1, Length(schema, "maxItems", 1)) : 0);
                var items = schema["items"]!.AsObject();
                return new JsonArray([.. Enumerable.Range(0, count).Select(_ => ValueOf(contract, items, name, path + "[]", isFull))]);
            case "boolean":
                return true;
            case "integer" or "number":
                var (least, most) = (schema["minimum"]!.GetValue<decimal>(), schema["maximum"]!.GetValue<decimal>());
                return JsonNode.Parse(Math.Clamp(1m, least, most).ToString(CultureInfo.InvariantCulture))!;
            default:
                return TextOf(schema, name)
                    ?? throw Unmade(contract, $"{path}: no text could be made up for the pattern {schema["pattern"]}");
        }
    }

    private static string? TextOf(JsonObject schema, string name)
    {
        if (schema["enum"] is JsonArray words)
            return (string)words.First(w => w is not null)!;
        if ((string?)schema["format"] is "date" or "date-time")
            return (string?)schema["format"] == "date" ? Time[..10] : Time;
        var (least, most) = (Math.Max(1, Length(schema, "minLength", 0)), Length(schema, "maxLength", 1));
        string[] examples =
        [
            JsonNamingPolicy.KebabCaseLower.ConvertName(name) + "-1",
            name, "a", .. "A0-./_ ".Select(c => new string(c, least)), new string('a', least),
        ];
        var pattern = (string?)schema["pattern"];
        return examples.FirstOrDefault(text => text.Length >= least && text.Length <= most
            && (pattern is null || Regex.IsMatch(text, pattern, RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)));
    }

    private static int Length(JsonObject schema, string keyword, int otherwise) => schema[keyword]?.GetValue<int>() ?? otherwise;

    private static GenerationException Unmade(Contract contract, string why) => new(
        $"No first sample of '{contract.Type}' could be made ({why}). Write by hand {ContractFiles.Samples}/{contract.Type}.full.json, "
        + "with every field, and .minimal.json, with what is required.");
}
