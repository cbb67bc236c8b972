using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Pipeline.Generation;

/// <summary>JSON for people and reviews: what fits into a line stands in one.</summary>
internal static class JsonText
{
    private const int Width = 140;

    private static readonly JsonSerializerOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes a document, with a line feed at its end.</summary>
    public static string Write(JsonNode node)
    {
        var text = new StringBuilder();
        // The document itself, and what is directly in it, is never one line: that is what changes are made in.
        Write(node, text, indent: 0, depth: 0);
        return text.Append('\n').ToString();
    }

    private static void Write(JsonNode? node, StringBuilder text, int indent, int depth)
    {
        var line = Inline(node);
        var isEmpty = node is JsonObject { Count: 0 } or JsonArray { Count: 0 };
        if (node is not (JsonObject or JsonArray) || isEmpty || (depth > 2 && indent + line.Length <= Width))
        {
            text.Append(line);
            return;
        }

        var inside = new string(' ', indent + 2);
        var isFirst = true;
        void Next()
        {
            text.Append(isFirst ? "\n" : ",\n").Append(inside);
            isFirst = false;
        }

        if (node is JsonObject fields)
        {
            text.Append('{');
            foreach (var (name, value) in fields)
            {
                Next();
                text.Append(JsonSerializer.Serialize(name, Relaxed)).Append(": ");
                Write(value, text, indent + 2, depth + 1);
            }

            text.Append('\n').Append(' ', indent).Append('}');
        }
        else
        {
            text.Append('[');
            foreach (var item in node.AsArray())
            {
                Next();
                Write(item, text, indent + 2, depth + 1);
            }

            text.Append('\n').Append(' ', indent).Append(']');
        }
    }

    private static string Inline(JsonNode? node) => node switch
    {
        JsonObject { Count: 0 } => "{}",
        JsonObject fields =>
            $"{{ {string.Join(", ", fields.Select(f => $"{JsonSerializer.Serialize(f.Key, Relaxed)}: {Inline(f.Value)}"))} }}",
        JsonArray items => $"[{string.Join(", ", items.Select(Inline))}]",
        _ => node?.ToJsonString(Relaxed) ?? "null",
    };
}
