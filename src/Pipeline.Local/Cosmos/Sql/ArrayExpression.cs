namespace Pipeline.Local.Cosmos.Sql;

/// <summary><c>[a, b]</c></summary>
internal sealed class ArrayExpression(SqlExpression[] elements) : SqlExpression
{
    public override SqlValue Evaluate(SqlRow row) => JsonBuilder.ArrayOf(elements.Select(element => element.Evaluate(row)));
}
