namespace Pipeline.Local.Cosmos.Sql;

/// <summary><c>-x</c>, <c>+x</c> and <c>~x</c>.</summary>
internal sealed class SignExpression(char sign, SqlExpression operand) : SqlExpression
{
    public override SqlValue Evaluate(SqlRow row) => Of(sign, operand.Evaluate(row));

    public static SqlValue Of(char sign, in SqlValue value) => value.Type != SqlType.Number
        ? SqlValue.Undefined
        : sign switch { '-' => SqlValue.Of(-value.Number), '~' => SqlValue.Of((double)~ArithmeticExpression.Bits(value.Number)), _ => value };
}
