namespace Pipeline.Local.ServiceBus;

internal sealed class SqlComparison(string op, SqlNode left, SqlNode right) : SqlNode
{
    public override bool IsPredicate => true;

    public override object? Evaluate(SqlContext context) => SqlValues.Compare(op, left.Evaluate(context), right.Evaluate(context));
}
