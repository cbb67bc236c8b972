namespace Pipeline.Local.ServiceBus;

internal sealed class SqlProperty(bool isSystem, string name) : SqlNode
{
    public bool IsSystem => isSystem;

    public string Name => name;

    public override object? Evaluate(SqlContext context) =>
        isSystem ? SystemProperties.Get(context, name) : context.Property(name);
}
