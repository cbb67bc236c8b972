namespace Pipeline.Local.Cosmos.Sql;

/// <summary>A node of a parsed query. Immutable and shared by all executions of the query.</summary>
internal abstract class SqlExpression
{
    public abstract SqlValue Evaluate(SqlRow row);
}

/// <summary>A literal.</summary>
internal sealed class ConstantExpression(SqlValue value) : SqlExpression
{
    public SqlValue Value => value;

    public override SqlValue Evaluate(SqlRow row) => value;
}

internal sealed class ParameterExpression(int index) : SqlExpression
{
    public override SqlValue Evaluate(SqlRow row) => row.Parameter(index);
}

internal enum ComparisonOperator
{
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

internal sealed class ComparisonExpression(ComparisonOperator comparison, SqlExpression left, SqlExpression right) : SqlExpression
{
    public ComparisonOperator Operator => comparison;
    public SqlExpression Left => left;
    public SqlExpression Right => right;

    public override SqlValue Evaluate(SqlRow row) => Compare(comparison, left.Evaluate(row), right.Evaluate(row));

    public static SqlValue Compare(ComparisonOperator comparison, in SqlValue left, in SqlValue right)
    {
        if (comparison is ComparisonOperator.Equal or ComparisonOperator.NotEqual)
        {
            var equal = SqlValue.AreEqual(left, right);
            return comparison == ComparisonOperator.Equal || !equal.IsDefined ? equal : SqlValue.Of(equal.IsFalse);
        }

        if (SqlValue.Compare(left, right) is not { } order)
            return SqlValue.Undefined;
        return SqlValue.Of(comparison switch
        {
            ComparisonOperator.Less => order < 0,
            ComparisonOperator.LessOrEqual => order <= 0,
            ComparisonOperator.Greater => order > 0,
            _ => order >= 0,
        });
    }
}

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

internal sealed class NotExpression(SqlExpression operand) : SqlExpression
{
    public override SqlValue Evaluate(SqlRow row)
    {
        var value = operand.Evaluate(row);
        return value.Type == SqlType.Boolean ? SqlValue.Of(value.IsFalse) : SqlValue.Undefined;
    }
}

internal sealed class FunctionExpression(SqlFunction function, SqlExpression[] arguments) : SqlExpression
{
    public SqlFunction Function => function;
    public SqlExpression[] Arguments => arguments;

    public override SqlValue Evaluate(SqlRow row)
    {
        var values = new SqlValue[arguments.Length];
        for (var i = 0; i < values.Length; i++)
            values[i] = arguments[i].Evaluate(row);
        return function.Call(values, row);
    }
}
