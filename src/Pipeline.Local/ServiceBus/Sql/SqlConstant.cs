namespace Pipeline.Local.ServiceBus;

internal sealed class SqlConstant(object? value) : SqlNode
{
    public override object? Evaluate(SqlContext context) => value;
}
