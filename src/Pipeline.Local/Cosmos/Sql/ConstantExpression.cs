namespace Pipeline.Local.Cosmos.Sql;

/// <summary>A literal.</summary>
internal sealed class ConstantExpression(SqlValue value) : SqlExpression
{
    public SqlValue Value => value;

    public override SqlValue Evaluate(SqlRow row) => value;
}
