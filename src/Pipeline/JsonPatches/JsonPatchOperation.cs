using System.Text.Json.Nodes;

namespace Pipeline.JsonPatches;

/// <summary>One operation of a patch.</summary>
/// <param name="Kind">What it does.</param>
/// <param name="Path">Where.</param>
/// <param name="From">Where the value comes from; of moves and copies only.</param>
/// <param name="Value">The value; of additions, replacements and tests only. <see langword="null"/> is also the JSON value null.</param>
internal sealed record JsonPatchOperation(JsonPatchKind Kind, JsonPointer Path, JsonPointer? From, JsonNode? Value)
{
    /// <summary>Applies it to a document, which it changes.</summary>
    /// <exception cref="JsonPatchException">It fails; the message says why.</exception>
    public JsonNode? Apply(JsonNode? root)
    {
        switch (Kind)
        {
            case JsonPatchKind.Add:
                return Add(root, Path, Value?.DeepClone());
            case JsonPatchKind.Remove:
                return Remove(root, Path, out _);
            case JsonPatchKind.Replace:
                return Replace(root, Path, Value?.DeepClone());
            case JsonPatchKind.Copy:
                return Add(root, Path, Find(root, From!)?.DeepClone());
            case JsonPatchKind.Move:
                if (From!.IsProperPrefixOf(Path))
                    throw new JsonPatchException($"'{From}' cannot be moved into itself, to '{Path}'.");
                return From.IsRoot && Path.IsRoot ? root : Add(Remove(root, From, out var moved), Path, moved);
            default:
                return JsonNode.DeepEquals(Find(root, Path), Value)
                    ? root
                    : throw new JsonPatchException($"the test of '{Path}' failed: it is {Shorten(Find(root, Path))}, not {Shorten(Value)}.");
        }
    }

    private static JsonNode? Add(JsonNode? root, JsonPointer path, JsonNode? value)
    {
        if (path.IsRoot)
            return value;
        var name = path.Tokens[^1];
        switch (ParentOf(root, path))
        {
            case JsonObject members:
                members[name] = value;
                return root;
            case JsonArray items:
                var index = name == "-" ? items.Count : JsonPointer.IndexOf(name);
                if (index < 0 || index > items.Count)
                    throw new JsonPatchException($"'{path}' is no place in an array of {items.Count}; use 0 to {items.Count}, or '-' for its end.");
                items.Insert(index, value);
                return root;
            default:
                throw NotFound(path);
        }
    }

    private static JsonNode? Replace(JsonNode? root, JsonPointer path, JsonNode? value)
    {
        if (path.IsRoot)
            return value;
        _ = Find(root, path);
        if (ParentOf(root, path) is JsonArray items)
            items[JsonPointer.IndexOf(path.Tokens[^1])] = value;
        else
            ParentOf(root, path)!.AsObject()[path.Tokens[^1]] = value;
        return root;
    }

    private static JsonNode? Remove(JsonNode? root, JsonPointer path, out JsonNode? removed)
    {
        if (path.IsRoot)
            throw new JsonPatchException("the whole document cannot be removed.");
        removed = Find(root, path);
        if (ParentOf(root, path) is JsonArray items)
            items.RemoveAt(JsonPointer.IndexOf(path.Tokens[^1]));
        else
            ParentOf(root, path)!.AsObject().Remove(path.Tokens[^1]);
        return root;
    }

    private static JsonNode? ParentOf(JsonNode? root, JsonPointer path) =>
        path.TryFollow(root, path.Tokens.Count - 1, out var parent) ? parent : throw NotFound(path);

    private static JsonNode? Find(JsonNode? root, JsonPointer path) =>
        path.TryFollow(root, path.Tokens.Count, out var value) ? value : throw NotFound(path);

    private static JsonPatchException NotFound(JsonPointer path) => new($"there is no '{path}'.");

    private static string Shorten(JsonNode? value)
    {
        var text = value?.ToJsonString() ?? "null";
        return text.Length <= 100 ? text : text[..100] + "...";
    }
}
