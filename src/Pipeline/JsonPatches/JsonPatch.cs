using System.Text.Json;
using System.Text.Json.Nodes;
using Pipeline.CloudEvents;

namespace Pipeline.JsonPatches;

/// <summary>A JSON Patch (RFC 6902): operations that are applied to a document in sequence, all of them or none.</summary>
public sealed class JsonPatch
{
    /// <summary>The most operations of a patch.</summary>
    public const int MaxOperations = 200;

    /// <summary>The largest document that a patch may make, in bytes. Copies of copies grow fast.</summary>
    public const int MaxBytes = 1024 * 1024;

    /// <summary>The deepest document that a patch may make; what is deeper is not read elsewhere either.</summary>
    public const int MaxDepth = ReceivedEvent.MaxDataDepth;

    private readonly IReadOnlyList<Operation> _operations;

    private JsonPatch(IReadOnlyList<Operation> operations) => _operations = operations;

    private enum Kind
    {
        Add,
        Remove,
        Replace,
        Move,
        Copy,
        Test,
    }

    /// <summary>Reads a patch document (section 3). Members that an operation does not define are ignored, as section 4 asks.</summary>
    /// <exception cref="JsonPatchException">It is no JSON Patch; the message says why and where.</exception>
    public static JsonPatch Parse(ReadOnlyMemory<byte> utf8)
    {
        // A member that is there twice makes an operation ambiguous (appendix A.13).
        if (StrictJson.Check(utf8) is { } fault)
            throw new JsonPatchException($"The patch cannot be read: {fault}.");
        using var document = JsonDocument.Parse(utf8);
        var root = document.RootElement;
        if (root.ValueKind != JsonValueKind.Array)
            throw new JsonPatchException($"A JSON Patch is an array of operations (RFC 6902), not {NameOf(root.ValueKind)}.");
        if (root.GetArrayLength() > MaxOperations)
            throw new JsonPatchException(string.Create(CultureInfo.InvariantCulture, $"The patch has {root.GetArrayLength()} operations; at most {MaxOperations} are allowed."));
        return new JsonPatch([.. root.EnumerateArray().Select(ReadOperation)]);
    }

    /// <summary>Applies the patch.</summary>
    /// <param name="document">The document; it stays as it is. <see langword="null"/> is the JSON value null.</param>
    /// <returns>The patched document.</returns>
    /// <exception cref="JsonPatchException">An operation fails; the message says which one and why.</exception>
    public JsonNode? Apply(JsonNode? document)
    {
        var result = document?.DeepClone();
        for (var i = 0; i < _operations.Count; i++)
        {
            try
            {
                result = Apply(result, _operations[i]);
                ThrowIfTooLarge(result);
            }
            catch (JsonPatchException e)
            {
                throw new JsonPatchException(e.Message, i);
            }
        }

        return result;
    }

    private static Operation ReadOperation(JsonElement element, int index)
    {
        if (element.ValueKind != JsonValueKind.Object)
            throw new JsonPatchException($"an operation is an object, not {NameOf(element.ValueKind)}.", index);
        var name = TextOf(element, "op", index);
        Kind kind = name switch
        {
            "add" => Kind.Add,
            "remove" => Kind.Remove,
            "replace" => Kind.Replace,
            "move" => Kind.Move,
            "copy" => Kind.Copy,
            "test" => Kind.Test,
            _ => throw new JsonPatchException($"'{name}' is no operation; there are add, remove, replace, move, copy and test.", index),
        };
        var path = PointerOf(element, "path", index);
        var from = kind is Kind.Move or Kind.Copy ? PointerOf(element, "from", index) : null;
        JsonNode? value = null;
        if (kind is Kind.Add or Kind.Replace or Kind.Test)
        {
            if (!element.TryGetProperty("value", out var given))
                throw new JsonPatchException($"'{name}' needs a 'value', which may be null.", index);
            value = NodeOf(given);
        }

        return new Operation(kind, path, from, value);
    }

    private static JsonNode? Apply(JsonNode? root, Operation operation)
    {
        var path = operation.Path;
        switch (operation.Kind)
        {
            case Kind.Add:
                return Add(root, path, operation.Value?.DeepClone());
            case Kind.Remove:
                return Remove(root, path, out _);
            case Kind.Replace:
                return Replace(root, path, operation.Value?.DeepClone());
            case Kind.Copy:
                return Add(root, path, Find(root, operation.From!)?.DeepClone());
            case Kind.Move:
                if (operation.From!.IsProperPrefixOf(path))
                    throw new JsonPatchException($"'{operation.From}' cannot be moved into itself, to '{path}'.");
                return operation.From.IsRoot && path.IsRoot ? root : Add(Remove(root, operation.From, out var moved), path, moved);
            default:
                return JsonNode.DeepEquals(Find(root, path), operation.Value)
                    ? root
                    : throw new JsonPatchException($"the test of '{path}' failed: it is {Shorten(Find(root, path))}, not {Shorten(operation.Value)}.");
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

    private static void ThrowIfTooLarge(JsonNode? document)
    {
        if (document is null)
            return;
        var size = new CountingWriter();
        try
        {
            using var writer = new Utf8JsonWriter(size, new JsonWriterOptions { MaxDepth = MaxDepth });
            document.WriteTo(writer);
        }
        catch (InvalidOperationException)
        {
            throw new JsonPatchException(string.Create(CultureInfo.InvariantCulture, $"the document becomes deeper than {MaxDepth}."));
        }

        if (size.Written > MaxBytes)
            throw new JsonPatchException(string.Create(CultureInfo.InvariantCulture,
                $"the document grows to {size.Written} bytes; at most {MaxBytes} are allowed."));
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

    private static string NameOf(JsonValueKind kind) => kind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "an array",
        JsonValueKind.Null => "null",
        _ => "a " + kind.ToString().ToLowerInvariant(),
    };

    private static string Shorten(JsonNode? value)
    {
        var text = value?.ToJsonString() ?? "null";
        return text.Length <= 100 ? text : text[..100] + "...";
    }

    private readonly record struct Operation(Kind Kind, JsonPointer Path, JsonPointer? From, JsonNode? Value);

    /// <summary>Counts what is written and keeps nothing.</summary>
    private sealed class CountingWriter : System.Buffers.IBufferWriter<byte>
    {
        private byte[] _buffer = new byte[4096];

        public long Written { get; private set; }

        public void Advance(int count) => Written += count;

        public Memory<byte> GetMemory(int sizeHint = 0)
        {
            if (sizeHint > _buffer.Length)
                _buffer = new byte[sizeHint];
            return _buffer;
        }

        public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;
    }
}
