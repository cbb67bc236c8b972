namespace Pipeline.Local.Cosmos.Sql;

/// <param name="Path">What is sorted by.</param>
/// <param name="Descending">The other way round.</param>
/// <param name="Text">The path as it stands in the query.</param>
internal sealed record OrderByItem(PathExpression Path, bool Descending, string Text);
