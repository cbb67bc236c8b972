namespace Pipeline.Local.ServiceBus;

internal sealed class SqlExists(SqlProperty property) : SqlNode
{
    public override bool IsPredicate => true;

    public override object? Evaluate(SqlContext context)
    {
        var value = property.Evaluate(context);
        return property.IsSystem ? value is not null : !ReferenceEquals(value, SqlValues.Unknown);
    }
}
