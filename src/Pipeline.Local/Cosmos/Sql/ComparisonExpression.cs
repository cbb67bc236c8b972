namespace Pipeline.Local.Cosmos.Sql;

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
