namespace Pipeline.Local.Cosmos.Sql;

/// <summary><c>a ? b : c</c>, and IIF: anything but true takes the other branch.</summary>
internal sealed class ConditionalExpression(SqlExpression condition, SqlExpression consequent, SqlExpression alternative) : SqlExpression
{
    public override SqlValue Evaluate(SqlRow row) => (condition.Evaluate(row).IsTrue ? consequent : alternative).Evaluate(row);
}
