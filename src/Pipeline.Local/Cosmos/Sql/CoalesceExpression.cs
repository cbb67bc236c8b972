namespace Pipeline.Local.Cosmos.Sql;

/// <summary><c>a ?? b</c>: the first that is defined. Null is.</summary>
internal sealed class CoalesceExpression(SqlExpression[] operands) : SqlExpression
{
    public override SqlValue Evaluate(SqlRow row)
    {
        foreach (var operand in operands)
        {
            if (operand.Evaluate(row) is { IsDefined: true } value)
                return value;
        }

        return SqlValue.Undefined;
    }
}
