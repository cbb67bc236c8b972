namespace Pipeline.Local.Cosmos.Sql;

/// <summary><c>a || b</c>: undefined unless all operands are text.</summary>
internal sealed class ConcatExpression(SqlExpression[] operands) : SqlExpression
{
    public override SqlValue Evaluate(SqlRow row) => StringFunctions.Concat(Array.ConvertAll(operands, operand => operand.Evaluate(row)));
}
