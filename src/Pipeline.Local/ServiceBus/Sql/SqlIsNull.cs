namespace Pipeline.Local.ServiceBus;

internal sealed class SqlIsNull(SqlProperty property, bool negated) : SqlNode
{
    public override bool IsPredicate => true;

    public override object? Evaluate(SqlContext context)
    {
        var value = property.Evaluate(context);
        return (value is null || ReferenceEquals(value, SqlValues.Unknown)) != negated;
    }
}
