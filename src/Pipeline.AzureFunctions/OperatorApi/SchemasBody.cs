namespace Pipeline.AzureFunctions.OperatorApi;

internal sealed record SchemasBody(IReadOnlyList<SchemaEntry> Items);
