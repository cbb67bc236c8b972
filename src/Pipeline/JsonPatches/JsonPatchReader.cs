using System.Text.Json;
using System.Text.Json.Nodes;

namespace Pipeline.JsonPatches;

/// <summary>Reads the operations of a patch. Members that an operation does not define are ignored, as section 4 asks.</summary>
internal static class JsonPatchReader
{
    /// <summary>Reads one operation.</summary>
    /// <exception cref="JsonPatchException">It is none; the message says why.</exception>
    public static JsonPatchOperation Read(JsonElement element, int index)
    {
        if (element.ValueKind != JsonValueKind.Object)
            throw new JsonPatchException($"an operation is an object, not {NameOf(element.ValueKind)}.", index);
        var name = TextOf(element, "op", index);
        var kind = name switch
        {
            "add" => JsonPatchKind.Add,
            "remove" => JsonPatchKind.Remove,
            "replace" => JsonPatchKind.Replace,
            "move" => JsonPatchKind.Move,
            "copy" => JsonPatchKind.Copy,
            "test" => JsonPatchKind.Test,
            _ => throw new JsonPatchException($"'{name}' is no operation; there are add, remove, replace, move, copy and test.", index),
        };
        var path = PointerOf(element, "path", index);
        var from = kind is JsonPatchKind.Move or JsonPatchKind.Copy ? PointerOf(element, "from", index) : null;
        JsonNode? value = null;
        if (kind is JsonPatchKind.Add or JsonPatchKind.Replace or JsonPatchKind.Test)
        {
            if (!element.TryGetProperty("value", out var given))
                throw new JsonPatchException($"'{name}' needs a 'value', which may be null.", index);
            value = NodeOf(given);
        }

        return new JsonPatchOperation(kind, path, from, value);
    }

    private static JsonPointer PointerOf(JsonElement operation, string member, int index)
    {
        var text = TextOf(operation, member, index);
        return JsonPointer.Parse(text)
            ?? throw new JsonPatchException($"'{member}' is '{text}', not a JSON Pointer (RFC 6901): empty, or starting with '/', with '~0' for '~' and '~1' for '/'.", index);
    }

    private static string TextOf(JsonElement operation, string member, int index) =>
        operation.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()!
            : throw new JsonPatchException($"'{member}' is missing, or no text.", index);

    private static JsonNode? NodeOf(JsonElement element) => JsonNode.Parse(element.GetRawText());

    /// <summary>A kind of JSON value in words.</summary>
    public static string NameOf(JsonValueKind kind) => kind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "an array",
        JsonValueKind.Null => "null",
        _ => "a " + kind.ToString().ToLowerInvariant(),
    };
}
