namespace Pipeline.Local.Cosmos.Sql;

/// <summary>A node of a parsed query. Immutable and shared by all executions of the query.</summary>
internal abstract class SqlExpression
{
    public abstract SqlValue Evaluate(SqlRow row);
}
