namespace Pipeline.Local.ServiceBus;

internal sealed class SqlLogical(bool isAnd, SqlNode left, SqlNode right) : SqlNode
{
    public override bool IsPredicate => true;

    public override object? Evaluate(SqlContext context)
    {
        var first = left.Evaluate(context) as bool?;
        if (first == !isAnd)
            return first;
        var second = right.Evaluate(context) as bool?;
        if (second == !isAnd)
            return second;
        return first is null || second is null ? SqlValues.Unknown : isAnd;
    }
}
