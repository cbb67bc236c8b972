namespace Pipeline.Local.ServiceBus;

internal sealed class SqlNewId : SqlNode
{
    public override object? Evaluate(SqlContext context) => context.NewId();
}
