namespace Pipeline.Local.ServiceBus;

internal sealed class SqlIn(SqlNode left, List<SqlNode> values, bool negated) : SqlNode
{
    public override bool IsPredicate => true;

    public override object? Evaluate(SqlContext context)
    {
        var value = left.Evaluate(context);
        if (ReferenceEquals(value, SqlValues.Unknown))
            return SqlValues.Unknown;
        foreach (var other in values)
        {
            if (SqlValues.Compare("=", value, other.Evaluate(context)) is true)
                return !negated;
        }

        return negated;
    }
}
