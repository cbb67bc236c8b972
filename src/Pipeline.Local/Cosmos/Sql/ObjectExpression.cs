namespace Pipeline.Local.Cosmos.Sql;

/// <summary><c>{"a": b}</c></summary>
internal sealed class ObjectExpression(List<SelectItem> properties) : SqlExpression
{
    public SqlExpression Property(string name) =>
        properties.Find(property => string.Equals(property.Name, name, StringComparison.Ordinal))?.Expression ?? new ConstantExpression(SqlValue.Undefined);

    public override SqlValue Evaluate(SqlRow row)
    {
        using var builder = JsonBuilder.Object();
        foreach (var property in properties)
            builder.Add(property.Name, property.Expression.Evaluate(row));
        return builder.Finish();
    }
}
