namespace Pipeline.Local.Cosmos.Sql;

/// <summary>The same as two comparisons joined by AND.</summary>
internal sealed class BetweenExpression(SqlExpression operand, SqlExpression low, SqlExpression high) : SqlExpression
{
    /// <summary>For the ranges of an index; evaluated, it would evaluate the operand twice.</summary>
    public LogicalExpression Both { get; } = new(
        isAnd: true,
        [
            new ComparisonExpression(ComparisonOperator.GreaterOrEqual, operand, low),
            new ComparisonExpression(ComparisonOperator.LessOrEqual, operand, high),
        ]);

    public override SqlValue Evaluate(SqlRow row)
    {
        var value = operand.Evaluate(row);
        var isAbove = ComparisonExpression.Compare(ComparisonOperator.GreaterOrEqual, value, low.Evaluate(row));
        return isAbove.IsFalse
            ? isAbove
            : LogicalExpression.And(isAbove, ComparisonExpression.Compare(ComparisonOperator.LessOrEqual, value, high.Evaluate(row)));
    }
}
