namespace Pipeline.Local.Cosmos.Sql;

/// <summary>AND and OR with undefined as a third truth value. Flat, because a query may join a thousand conditions.</summary>
internal sealed class LogicalExpression(bool isAnd, SqlExpression[] operands) : SqlExpression
{
    public bool IsAnd => isAnd;
    public SqlExpression[] Operands => operands;

    /// <summary>AND of two values.</summary>
    public static SqlValue And(in SqlValue left, in SqlValue right)
    {
        if (left.IsFalse || right.IsFalse)
            return SqlValue.False;
        return left.IsTrue && right.IsTrue ? SqlValue.True : SqlValue.Undefined;
    }

    public override SqlValue Evaluate(SqlRow row)
    {
        var result = SqlValue.Of(isAnd);
        foreach (var operand in operands)
        {
            var value = operand.Evaluate(row);
            if (isAnd ? value.IsFalse : value.IsTrue)
                return value;
            if (value.Type != SqlType.Boolean)
                result = SqlValue.Undefined;
        }

        return result;
    }
}
