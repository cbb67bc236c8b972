using System.Text;
using System.Text.Json.Nodes;
using Pipeline.Contracts;

namespace Pipeline.Tests.ContractRules;

internal enum LengthChoice
{
    Any,
    Longest,
}

/// <summary>Random documents of a contract, from its schema, and small damages to them.</summary>
internal sealed class Documents(Random random)
{
    private static readonly string[] Times =
    [
        "2026-02-28T23:59:59Z", "2028-02-29T00:00:00.1234567+13:59", "2027-02-29T00:00:00Z", "2026-01-01", "2026-01-01T00:00Z", "2026-01-01T00:00:00", "2026-01-01t00:00:00Z",
        "2026-01-01T00:00:00z", "2026-01-01 00:00:00Z", "2016-12-31T23:59:60Z", "2026-01-01T24:00:00Z", "2026-01-01T00:60:00Z", "2026-01-01T00:00:00.123456789Z", "2026-01-01T00:00:00.1234567891Z", "2026-01-01T00:00:00.Z", "2026-01-01T00:00:00-14:00", "2026-01-01T00:00:00+14:01", "2026-01-01T00:00:00+15:00",
        "2026-01-01T00:00:00+14:00", "2026-01-01T00:00:00-13:59", "2026-01-01T00:00:00-00:00", "2026-01-01T00:00:00+0100", "2026-13-01T00:00:00Z", "2026-00-10T00:00:00Z", "2026-01-32T00:00:00Z",
        "0999-01-01T00:00:00Z", "1000-01-01T00:00:00+13:59", "2999-12-31T23:59:59.9999999-13:59", "3000-01-01T00:00:00Z", "2026-01-01T00:00:00Z\n", " 2026-01-01T00:00:00Z", "\u0662026-01-01T00:00:00Z",
    ];

    private static readonly string[] Days =
        ["2026-02-29", "2028-02-29", "2026-1-1", "0999-12-31", "1000-01-01", "2999-12-31", "3000-01-01", "2026-00-01", "2026-12-00", "2026-12-32", "2026-06-31", "20260101", "2026-01-01 ", "2026-01-01\n", ""];

    private static readonly string[] Characters =
        ["a", "Z", "7", ".", "-", "_", "~", "/", " ", "\n", "\"", "\\", "\u0000", "\u007f", "\u00e9", "\u0130", "\u2028", "\ufffd", "\ud83d\ude00"];

    private static readonly string[] Numbers = ["0", "-0", "-1", "1.0", "1.5", "1e0", "1e2", "2.5e-1", "100e-2", "1e400", "-1e400", "1e13", "2147483648", "-2147483649", "9007199254740993"];

    public LengthChoice Lengths { get; init; }

    public JsonObject Valid(Contract contract) => Object(JsonNode.Parse(contract.Schema)!.AsObject());

    /// <summary>A document with one to three damages; it may be valid all the same.</summary>
    public JsonObject Damaged(Contract contract)
    {
        var document = Valid(contract);
        var damages = random.Next(1, 4);
        for (var i = 0; i < damages; i++)
            Damage(document);
        return document;
    }

    private void Damage(JsonObject document)
    {
        var places = new List<(JsonNode Parent, object Step)>();
        Collect(document, places);
        if (places.Count == 0)
            return;
        var (parent, step) = places[random.Next(places.Count)];
        switch (random.Next(6))
        {
            case 0 when parent is JsonObject from:
                from.Remove((string)step);
                break;
            case 1 when parent is JsonObject into:
                into[Unknown()] = Anything();
                break;
            case 2 when parent is JsonArray list:
                while (random.Next(60) > 0)
                    list.Add(list[0]?.DeepClone());
                break;
            case 3 when parent is JsonObject renamed:
                var value = renamed[(string)step]?.DeepClone();
                renamed.Remove((string)step);
                renamed[random.Next(2) == 0 ? ((string)step).ToUpperInvariant() : step + " "] = value;
                break;
            default:
                var other = random.Next(3) == 0 ? Anything() : Near(Get(parent, step));
                if (parent is JsonObject holder)
                    holder[(string)step] = other;
                else
                    ((JsonArray)parent)[(int)step] = other;
                break;
        }
    }

    private static JsonNode? Get(JsonNode parent, object step) => step is string name ? parent[name] : parent[(int)step];

    private static void Collect(JsonNode? node, List<(JsonNode, object)> places)
    {
        if (node is JsonObject fields)
        {
            foreach (var (name, value) in fields)
            {
                places.Add((fields, name));
                Collect(value, places);
            }
        }
        else if (node is JsonArray items)
        {
            for (var i = 0; i < items.Count; i++)
            {
                places.Add((items, i));
                Collect(items[i], places);
            }
        }
    }

    private string Unknown() => new[] { "$type", "$ref", "$id", "__proto__", "extra", "", "OrderId", "constructor", "\u00e9" }[random.Next(9)];

    private JsonNode? Anything() => random.Next(9) switch
    {
        0 => null,
        1 => true,
        2 => new JsonArray(),
        3 => new JsonObject { ["x"] = new JsonArray(1, null, new JsonObject()) },
        4 => new JsonArray((JsonNode?)null),
        5 => Times[random.Next(Times.Length)],
        6 => Days[random.Next(Days.Length)],
        7 => string.Concat(Enumerable.Range(0, random.Next(4)).Select(_ => Characters[random.Next(Characters.Length)])),
        _ => JsonNode.Parse(Numbers[random.Next(Numbers.Length)]),
    };

    /// <summary>Something like it, at or over a limit.</summary>
    private JsonNode? Near(JsonNode? node)
    {
        if (node is not JsonValue value || value.GetValueKind() is System.Text.Json.JsonValueKind.True or System.Text.Json.JsonValueKind.False)
            return node is JsonArray { Count: > 0 } list ? new JsonArray([.. list.Skip(1).Select(i => i?.DeepClone())]) : Anything();
        if (value.GetValueKind() == System.Text.Json.JsonValueKind.Number)
            return random.Next(4) == 0 ? value.ToJsonString() : JsonNode.Parse(Numbers[random.Next(Numbers.Length)]);
        var text = value.GetValue<string>();
        return random.Next(8) switch
        {
            0 => "",
            1 => text + "\n",
            2 => text + Characters[random.Next(Characters.Length)],
            3 => string.Concat(Enumerable.Repeat(Characters[random.Next(Characters.Length)], new[] { 64, 65, 73, 74, 100, 101, 200, 201 }[random.Next(8)])),
            4 when text.Length > 0 => text[..^1] is var cut && cut.Length > 0 && char.IsHighSurrogate(cut[^1]) ? cut[..^1] : cut,
            5 => text.Length == 10 ? Days[random.Next(Days.Length)] : Times[random.Next(Times.Length)],
            6 => text.ToUpperInvariant(),
            _ => Characters[random.Next(Characters.Length)] + text,
        };
    }

    private JsonObject Object(JsonObject schema)
    {
        var required = schema["required"]?.AsArray().Select(n => (string)n!).ToHashSet() ?? [];
        var document = new JsonObject();
        foreach (var (name, field) in schema["properties"]!.AsObject().OrderBy(_ => random.Next()).ToList())
        {
            if (required.Contains(name) || random.Next(2) == 0)
                document[name] = Value(field!.AsObject());
        }

        return document;
    }

    private JsonNode? Value(JsonObject schema)
    {
        var types = schema["type"] is JsonArray several ? several.Select(t => (string)t!).ToList() : [(string)schema["type"]!];
        return types[random.Next(types.Count)] switch
        {
            "null" => null,
            "object" => Object(schema),
            "boolean" => random.Next(2) == 0,
            "array" => new JsonArray([.. Enumerable.Range(0, Between(schema, "minItems", "maxItems", 6)).Select(_ => Value(schema["items"]!.AsObject()))]),
            "integer" => Whole((long)schema["minimum"]!.GetValue<decimal>(), (long)schema["maximum"]!.GetValue<decimal>()),
            "number" => Decimal(schema["minimum"]!.GetValue<decimal>(), schema["maximum"]!.GetValue<decimal>()),
            _ => Text(schema),
        };
    }

    private JsonNode Whole(long min, long max)
    {
        var number = random.Next(4) switch
        {
            0 => min,
            1 => max,
            _ => random.NextInt64(min, max + 1),
        };
        return JsonNode.Parse(number.ToString(CultureInfo.InvariantCulture) + new[] { "", "", ".0", "e0", ".000" }[random.Next(5)])!;
    }

    private JsonNode Decimal(decimal min, decimal max)
    {
        var number = random.Next(5) switch
        {
            0 => min,
            1 => max,
            _ => Math.Round(min + (max - min) * (decimal)Math.Pow(random.NextDouble(), 6), random.Next(5)),
        };
        return JsonNode.Parse(number.ToString(CultureInfo.InvariantCulture) + new[] { "", "", "e0", "E+0" }[random.Next(4)])!;
    }

    private string Text(JsonObject schema)
    {
        if (schema["enum"] is JsonArray words)
            return (string)words[random.Next(words.Count(w => w is not null))]!;
        if ((string?)schema["format"] == "date")
            return new DateOnly(1000, 1, 1).AddDays(random.Next(700_000)).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        if ((string?)schema["format"] == "date-time")
        {
            return new DateTime(1001, 1, 1).AddTicks(random.NextInt64(TimeSpan.FromDays(700_000).Ticks)).ToString("yyyy-MM-ddTHH:mm:ss.FFFFFFF", CultureInfo.InvariantCulture)
                + new[] { "Z", "+00:00", "-13:59", "+05:30" }[random.Next(4)];
        }

        var pattern = (string?)schema["pattern"];
        if (pattern?.StartsWith("^api/sales", StringComparison.Ordinal) == true)
            return "api/sales/2026-08-01/" + Pick("ab.-_Z9", random.Next(1, 60));
        var length = Between(schema, "minLength", "maxLength", 300);
        if (pattern is null)
            return string.Concat(Enumerable.Range(0, length).Select(_ => Characters[random.Next(Characters.Length - 1)]));
        return Pick(pattern.Contains("a-z", StringComparison.Ordinal) ? pattern.Contains('~', StringComparison.Ordinal) ? "AZaz09._~-" : "AZaz09._-" : "AZQ", length);
    }

    private string Pick(string from, int length)
    {
        var text = new StringBuilder();
        for (var i = 0; i < length; i++)
            text.Append(from[random.Next(from.Length)]);
        return text.ToString();
    }

    private int Between(JsonObject schema, string least, string most, int atMost)
    {
        var (min, max) = (schema[least]?.GetValue<int>() ?? 0, Math.Min(schema[most]!.GetValue<int>(), atMost));
        if (Lengths == LengthChoice.Longest)
            return max;
        return random.Next(4) switch
        {
            0 => min,
            1 => max,
            _ => random.Next(min, max + 1),
        };
    }
}
