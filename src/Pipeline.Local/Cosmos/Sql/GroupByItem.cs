namespace Pipeline.Local.Cosmos.Sql;

/// <param name="Expression">What rows are grouped by.</param>
/// <param name="Text">The same as it stands in the query.</param>
/// <param name="Slot">Where the value of the current group is.</param>
internal sealed record GroupByItem(SqlExpression Expression, string Text, int Slot);
