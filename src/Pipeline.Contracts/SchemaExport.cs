using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization.Metadata;

namespace Pipeline.Contracts;

/// <summary>Makes the JSON Schema (dialect 2020-12) of a contract: shape and limits from its record, descriptions from its documentation.</summary>
internal static class SchemaExport
{
    /// <summary>The address of the dialect.</summary>
    public const string Dialect = "https://json-schema.org/draft/2020-12/schema";

    /// <summary>The schema, as it belongs into <see cref="ContractFiles.Schemas"/>.</summary>
    /// <exception cref="NotSupportedException">The record has a field that contracts cannot have.</exception>
    public static string Of(Contract contract, RecordDocumentation documentation)
    {
        var schema = new JsonObject
        {
            ["$schema"] = Dialect,
            ["$id"] = "/" + StoredSchemas.PathOf(contract.Type),
            ["title"] = string.Create(CultureInfo.InvariantCulture, $"{contract.Name} v{contract.Version}"),
        };
        foreach (var (keyword, value) in Of(contract.Json, documentation).ToList())
            schema[keyword] = value?.DeepClone();
        return SchemaText.Write(schema);
    }

    /// <summary>The schema of some record, without what names it.</summary>
    /// <exception cref="NotSupportedException">The record has a field that contracts cannot have.</exception>
    public static JsonObject Of(JsonTypeInfo record, RecordDocumentation documentation) => Of(record, documentation, depth: 1);

    private static JsonObject Of(JsonTypeInfo record, RecordDocumentation documentation, int depth)
    {
        RecordCheck.RefuseDeeperThanAllowed(record, depth);
        var options = new JsonSchemaExporterOptions
        {
            // Items of lists: their nullability is unknown, and null is not allowed.
            TreatNullObliviousAsNonNullable = true,
            TransformSchemaNode = (context, node) => Transform(context, node, documentation, depth),
        };
        return (JsonObject)record.GetJsonSchemaAsNode(options);
    }

    private static JsonNode Transform(JsonSchemaExporterContext context, JsonNode node, RecordDocumentation documentation, int depth)
    {
        if (context.PropertyInfo is not { } field)
            return context.Path.IsEmpty ? OfRecord(context.TypeInfo, node.AsObject(), documentation, depth) : node;
        return OfField(field, node, documentation, depth);
    }

    private static JsonObject OfField(JsonPropertyInfo field, JsonNode node, RecordDocumentation documentation, int depth)
    {
        var rule = new FieldRule(field);
        var name = field.AssociatedParameter?.Name ?? (field.AttributeProvider as System.Reflection.PropertyInfo)?.Name ?? field.Name;
        var description = documentation.Parameter(field.DeclaringType, name);

        // Exported separately: for a repeated record the exporter would use a reference, which every reader would have to follow.
        var item = rule.Record is null ? OfScalar(rule) : Of(rule.Record, documentation, depth + 1);
        if (!rule.IsList)
            item.Remove("description");
        var schema = item;
        if (rule.IsList)
        {
            schema = new JsonObject { ["type"] = "array" };
            Add(schema, rule.Items!.Keywords());
            schema["items"] = item;
        }

        if (field.IsGetNullable)
        {
            schema["type"] = new JsonArray(schema["type"]!.GetValue<string>(), "null");
            if (schema["enum"] is JsonArray words)
                words.Add(null);
        }

        // A default of null is not written.
        if (node is JsonObject exported && exported.TryGetPropertyValue("default", out var value) && value is not null)
            schema["default"] = value.DeepClone();
        if (description is not null)
            schema.Insert(0, "description", description);
        return schema;
    }

    private static JsonObject OfRecord(JsonTypeInfo record, JsonObject exported, RecordDocumentation documentation, int depth)
    {
        var schema = new JsonObject();
        if (documentation.Summary(record.Type) is { } text)
            schema["description"] = text;
        schema["type"] = "object";
        var properties = new JsonObject();
        foreach (var (name, node) in exported["properties"]?.AsObject() ?? [])
        {
            // A field with a default and a custom converter does not pass through here.
            properties[name] = node is JsonObject done && done.ContainsKey("type")
                ? done.DeepClone()
                : OfField(record.Properties.Single(p => p.Name == name), node!, documentation, depth);
        }

        schema["properties"] = properties;
        if (exported["required"] is { } required)
            schema["required"] = required.DeepClone();
        return schema;
    }

    private static JsonObject OfScalar(FieldRule rule)
    {
        var type = rule.ItemType;
        if (type == typeof(DateTimeOffset))
            return new JsonObject { ["type"] = "string", ["format"] = "date-time", ["pattern"] = TimestampConverter.Pattern };
        var schema = new JsonObject
        {
            ["type"] = type == typeof(string) ? "string" : type == typeof(bool) ? "boolean" : type == typeof(decimal) ? "number" : "integer",
        };
        Add(schema, rule.Constraint?.Keywords() ?? []);
        return schema;
    }

    private static void Add(JsonObject schema, IEnumerable<(string Keyword, string Json)> keywords)
    {
        foreach (var (keyword, json) in keywords)
            schema[keyword] = JsonNode.Parse(json);
    }
}
