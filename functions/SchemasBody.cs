namespace Pipeline.Functions;

internal sealed record SchemasBody(IReadOnlyList<SchemaEntry> Items);
