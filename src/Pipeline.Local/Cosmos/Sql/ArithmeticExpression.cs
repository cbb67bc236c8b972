namespace Pipeline.Local.Cosmos.Sql;

/// <summary>Operators of one precedence from left to right: undefined unless all operands are numbers. Flat, because a query may have a thousand.</summary>
internal sealed class ArithmeticExpression(SqlExpression first, List<(ArithmeticOperator Operator, SqlExpression Operand)> rest) : SqlExpression
{
    public override SqlValue Evaluate(SqlRow row)
    {
        var value = first.Evaluate(row);
        if (value.Type != SqlType.Number)
            return SqlValue.Undefined;
        var result = value.Number;
        foreach (var (op, operand) in rest)
        {
            value = operand.Evaluate(row);
            if (value.Type != SqlType.Number)
                return SqlValue.Undefined;
            result = Calculate(op, result, value.Number);
        }

        return SqlValue.Of(result);
    }

    /// <summary>As JavaScript does: the low 32 bits of the whole number.</summary>
    public static int Bits(double number) =>
        double.IsFinite(number) ? unchecked((int)(long)Math.IEEERemainder(Math.Truncate(number), 4294967296.0)) : 0;

    private static double Calculate(ArithmeticOperator op, double left, double right) => op switch
    {
        ArithmeticOperator.Add => left + right,
        ArithmeticOperator.Subtract => left - right,
        ArithmeticOperator.Multiply => left * right,
        ArithmeticOperator.Divide => left / right,
        ArithmeticOperator.Modulo => left % right,
        ArithmeticOperator.BitAnd => Bits(left) & Bits(right),
        ArithmeticOperator.BitOr => Bits(left) | Bits(right),
        _ => Bits(left) ^ Bits(right),
    };
}
