namespace Pipeline.AzureFunctions.OperatorApi;

internal sealed record SchemaEntry(
    string Type, string Kind, string Owner, bool IsPublic, bool IsRetired, string Destination, string SubjectRule, string Description, Uri Schema);
