namespace Pipeline.Local.ServiceBus;

internal sealed class SqlArithmetic(char op, SqlNode left, SqlNode right) : SqlNode
{
    public override object? Evaluate(SqlContext context) => SqlValues.Calculate(op, left.Evaluate(context), right.Evaluate(context));
}
