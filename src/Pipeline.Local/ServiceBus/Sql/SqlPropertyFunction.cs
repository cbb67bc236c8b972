namespace Pipeline.Local.ServiceBus;

/// <summary><c>property(name)</c>, whose name is worked out.</summary>
internal sealed class SqlPropertyFunction(SqlNode name) : SqlNode
{
    public override object? Evaluate(SqlContext context) => name.Evaluate(context) switch
    {
        string text => context.Property(text),
        var value when ReferenceEquals(value, SqlValues.Unknown) => value,
        _ => throw new FilterException("property() needs the name of a property."),
    };
}
