using System.Text.Json.Nodes;

namespace Pipeline.Contracts.Surfaces;

/// <summary>The surface of one contract.</summary>
/// <param name="Type">The CloudEvents type.</param>
/// <param name="Kind">What it means.</param>
/// <param name="IsPublic">Whether partners get it.</param>
/// <param name="Destination">Topic or queue.</param>
/// <param name="SubjectRule">What the ordering key is made of.</param>
/// <param name="Fields">Its fields, those of objects and items among them.</param>
public sealed record ContractSurface(
    string Type, ContractKind Kind, bool IsPublic, string Destination, string SubjectRule, IReadOnlyList<FieldSurface> Fields)
{
    /// <summary>The surface of a contract as it is now.</summary>
    public static ContractSurface Of(Contract contract) => new(
        contract.Type, contract.Kind, contract.IsPublic, contract.Destination, contract.SubjectRule, FieldsOf(SchemaExport.Of(contract.Json, RecordDocumentation.None)));

    /// <summary>The fields of a JSON Schema.</summary>
    /// <exception cref="NotSupportedException">The schema has a keyword whose changes cannot be judged.</exception>
    public static IReadOnlyList<FieldSurface> FieldsOf(JsonObject schema)
    {
        var fields = new List<FieldSurface>();
        AddMembers(schema, "$", fields);
        return fields;
    }

    private static void AddMembers(JsonObject schema, string path, List<FieldSurface> fields)
    {
        var required = (schema["required"] as JsonArray)?.Select(n => (string)n!).ToHashSet(StringComparer.Ordinal) ?? [];
        foreach (var (name, node) in schema["properties"] as JsonObject ?? [])
            Add(node!.AsObject(), $"{path}.{name}", required.Contains(name), fields);
    }

    private static void Add(JsonObject schema, string path, bool isRequired, List<FieldSurface> fields)
    {
        var field = FieldSurface.Of(schema, path, isRequired);
        fields.Add(field);
        AddMembers(schema, path, fields);

        // Items are always "required".
        if (schema["items"] is JsonObject items)
            Add(items, path + "[]", true, fields);
    }
}
