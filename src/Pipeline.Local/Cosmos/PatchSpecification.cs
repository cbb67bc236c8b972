using System.Text.Json;
using System.Text.Json.Nodes;
using Pipeline.Local.Cosmos.Sql;

namespace Pipeline.Local.Cosmos;

/// <summary>A partial update: up to ten operations on paths of one item, and an optional condition on it.</summary>
internal sealed class PatchSpecification
{
    private const int MaxOperations = 10;
    private static readonly JsonDocumentOptions DocumentOptions = new() { MaxDepth = 128 };
    private static readonly JsonWriterOptions WriterOptions = new()
    {
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        MaxDepth = 128,
    };

    private readonly List<Operation> _operations = [];
    private (SqlExpression Condition, int Slots)? _condition;

    public static PatchSpecification Parse(ReadOnlyMemory<byte> utf8)
    {
        StrictJson.Check(utf8);
        try
        {
            using var json = JsonDocument.Parse(utf8, DocumentOptions);
            var patch = new PatchSpecification();
            // Some clients send the operations alone.
            var isList = json.RootElement.ValueKind == JsonValueKind.Array;
            if (!isList && json.RootElement.TryGetProperty("condition", out var condition) && condition.ValueKind == JsonValueKind.String)
                patch._condition = SqlParser.ParseCondition(condition.GetString()!);
            foreach (var operation in (isList ? json.RootElement : json.RootElement.GetProperty("operations")).EnumerateArray())
                patch._operations.Add(Operation.Parse(operation));
            if (patch._operations.Count is 0 or > MaxOperations)
                throw new CosmosFailure(400, $"A patch has 1 to {MaxOperations} operations, not {patch._operations.Count}.");
            return patch;
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new CosmosFailure(400, $"The patch is not understood: {e.Message}");
        }
    }

    public bool ConditionHolds(StoredDocument document, DateTimeOffset now)
    {
        if (_condition is not { } found)
            return true;
        using var row = new SqlRow([], null, found.Slots) { Now = now };
        row.MoveTo(document);
        return found.Condition.Evaluate(row).IsTrue;
    }

    /// <exception cref="CosmosFailure">400 when a path does not fit the document.</exception>
    public ItemContent Apply(StoredDocument document, ContainerDefinition definition)
    {
        var root = JsonNode.Parse(document.Json, documentOptions: DocumentOptions)!.AsObject();
        foreach (var operation in _operations)
            operation.Apply(root);

        using var output = new MemoryStream(document.JsonLength + 256);
        try
        {
            using var writer = new Utf8JsonWriter(output, WriterOptions);
            root.WriteTo(writer);
        }
        catch (InvalidOperationException)
        {
            throw new CosmosFailure(400, string.Create(CultureInfo.InvariantCulture, $"Patch failed: the item would be nested more than {WriterOptions.MaxDepth} levels deep."));
        }

        return ItemContent.Parse(output.ToArray(), definition);
    }

    private sealed record Operation(string Name, string Path, string[] Segments, JsonNode? Value, Operation? From = null)
    {
        public static Operation Parse(JsonElement json)
        {
            var name = Text(json, "op");
            var path = Text(json, "path");
            if (name is not ("set" or "add" or "replace" or "remove" or "incr" or "move"))
                throw CosmosFailure.NotSupported($"The patch operation '{name}'; add, set, replace, remove, incr and move are.");
            if (name == "move")
            {
                var from = Text(json, "from");
                if (path.StartsWith(from + "/", StringComparison.Ordinal))
                    throw new CosmosFailure(400, $"The patch moves '{from}' into itself, to '{path}'.");
                return new(name, path, SegmentsOf(path), null, new(name, from, SegmentsOf(from), null));
            }

            var value = name == "remove" ? default : json.GetProperty("value");
            return new(name, path, SegmentsOf(path), value.ValueKind == JsonValueKind.Undefined ? null : JsonNode.Parse(value.GetRawText(), documentOptions: DocumentOptions));
        }

        private static string Text(JsonElement json, string name) =>
            json.GetProperty(name).GetString() ?? throw new CosmosFailure(400, $"The patch is not understood: '{name}' is null.");

        public void Apply(JsonObject root)
        {
            if (From is null)
            {
                Put(root);
                return;
            }

            var moved = From.Find(root)?.DeepClone();
            (From with { Name = "remove" }).Put(root);
            (this with { Name = "add", Value = moved }).Put(root);
        }

        private static string[] SegmentsOf(string path) => path.Length < 2 || path[0] != '/'
            ? throw new CosmosFailure(400, $"The patch path '{path}' is invalid.")
            : [.. path[1..].Split('/').Select(segment => segment.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal))];

        /// <summary>What is there; null may be a value, too.</summary>
        private JsonNode? Find(JsonObject root) => ParentIn(root) switch
        {
            JsonObject parent when parent.TryGetPropertyValue(Segments[^1], out var value) => value,
            JsonArray parent => parent[IndexOf(Segments[^1], parent.Count - 1)],
            _ => throw Failure("does not exist"),
        };

        private JsonNode? ParentIn(JsonObject root)
        {
            JsonNode? parent = root;
            foreach (var segment in Segments.AsSpan(0, Segments.Length - 1))
                parent = parent is JsonArray array ? array[IndexOf(segment, array.Count - 1)] : (parent as JsonObject)?[segment];
            return parent;
        }

        private void Put(JsonObject root)
        {
            switch (ParentIn(root))
            {
                case JsonObject target:
                    ApplyToObject(target, Segments[^1]);
                    break;
                case JsonArray target:
                    ApplyToArray(target, Segments[^1]);
                    break;
                default:
                    throw Failure("has no parent in the item");
            }
        }

        private void ApplyToObject(JsonObject target, string name)
        {
            if (Name is "replace" or "remove" && !target.ContainsKey(name))
                throw Failure("does not exist");

            if (Name == "remove")
                target.Remove(name);
            else
                target[name] = Name == "incr" ? Increment(target[name]) : Value?.DeepClone();
        }

        private void ApplyToArray(JsonArray target, string segment)
        {
            switch (Name)
            {
                case "add":
                    target.Insert(segment == "-" ? target.Count : IndexOf(segment, target.Count), Value?.DeepClone());
                    break;
                case "remove":
                    target.RemoveAt(IndexOf(segment, target.Count - 1));
                    break;
                default:
                    var index = IndexOf(segment, target.Count - 1);
                    target[index] = Name == "incr" ? Increment(target[index]) : Value?.DeepClone();
                    break;
            }
        }

        private JsonNode Increment(JsonNode? current)
        {
            if (Value is not JsonValue value || value.GetValueKind() != JsonValueKind.Number)
                throw Failure("can only be incremented by a number");
            if (current is null)
                return value.DeepClone();
            if (current.GetValueKind() != JsonValueKind.Number)
                throw Failure("is no number");
            if (current.AsValue().TryGetValue<long>(out var left) && value.TryGetValue<long>(out var right))
            {
                var exact = (Int128)left + right;
                return exact >= long.MinValue && exact <= long.MaxValue
                    ? JsonValue.Create((long)exact)
                    : throw Failure("would become a number beyond 64 bits, which clients cannot read exactly");
            }

            var sum = current.GetValue<double>() + value.GetValue<double>();
            return double.IsFinite(sum) ? JsonValue.Create(sum) : throw Failure("would become a number beyond the range of a double");
        }

        private int IndexOf(string segment, int highest) =>
            int.TryParse(segment, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index <= highest
                ? index
                : throw Failure("is no place in the array");

        private CosmosFailure Failure(string what) => new(400, $"Patch operation '{Name}' failed: the path '{Path}' {what}.");
    }
}
