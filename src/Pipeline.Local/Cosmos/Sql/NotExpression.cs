namespace Pipeline.Local.Cosmos.Sql;

internal sealed class NotExpression(SqlExpression operand) : SqlExpression
{
    public override SqlValue Evaluate(SqlRow row)
    {
        var value = operand.Evaluate(row);
        return value.Type == SqlType.Boolean ? SqlValue.Of(value.IsFalse) : SqlValue.Undefined;
    }
}
