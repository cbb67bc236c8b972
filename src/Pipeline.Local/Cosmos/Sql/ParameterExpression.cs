namespace Pipeline.Local.Cosmos.Sql;

internal sealed class ParameterExpression(int index) : SqlExpression
{
    public override SqlValue Evaluate(SqlRow row) => row.Parameter(index);
}
