namespace Pipeline.Local.Cosmos.Sql;

/// <summary>One entry of a SELECT list.</summary>
internal sealed record SelectItem(string Name, SqlExpression Expression);
