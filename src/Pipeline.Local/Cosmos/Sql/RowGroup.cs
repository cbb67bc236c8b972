namespace Pipeline.Local.Cosmos.Sql;

/// <summary>The rows with the same values of GROUP BY.</summary>
/// <param name="Keys">The values grouped by.</param>
/// <param name="Aggregations">The aggregates so far.</param>
internal sealed record RowGroup(List<SqlValue> Keys, Aggregation[] Aggregations);
