namespace Pipeline.Local.Cosmos.Sql;

internal enum ArithmeticOperator
{
    Add,
    Subtract,
    Multiply,
    Divide,
    Modulo,
    BitAnd,
    BitOr,
    BitXor,
}

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

/// <summary><c>-x</c>, <c>+x</c> and <c>~x</c>.</summary>
internal sealed class SignExpression(char sign, SqlExpression operand) : SqlExpression
{
    public override SqlValue Evaluate(SqlRow row) => Of(sign, operand.Evaluate(row));

    public static SqlValue Of(char sign, in SqlValue value) => value.Type != SqlType.Number
        ? SqlValue.Undefined
        : sign switch { '-' => SqlValue.Of(-value.Number), '~' => SqlValue.Of((double)~ArithmeticExpression.Bits(value.Number)), _ => value };
}

/// <summary><c>a || b</c>: undefined unless all operands are text.</summary>
internal sealed class ConcatExpression(SqlExpression[] operands) : SqlExpression
{
    public override SqlValue Evaluate(SqlRow row) => StringFunctions.Concat(Array.ConvertAll(operands, operand => operand.Evaluate(row)));
}

/// <summary><c>a ?? b</c>: the first that is defined. Null is.</summary>
internal sealed class CoalesceExpression(SqlExpression[] operands) : SqlExpression
{
    public override SqlValue Evaluate(SqlRow row)
    {
        foreach (var operand in operands)
        {
            if (operand.Evaluate(row) is { IsDefined: true } value)
                return value;
        }

        return SqlValue.Undefined;
    }
}

/// <summary><c>a ? b : c</c>, and IIF: anything but true takes the other branch.</summary>
internal sealed class ConditionalExpression(SqlExpression condition, SqlExpression consequent, SqlExpression alternative) : SqlExpression
{
    public override SqlValue Evaluate(SqlRow row) => (condition.Evaluate(row).IsTrue ? consequent : alternative).Evaluate(row);
}

/// <summary>Properties and elements of what is no path, or by an index that is computed.</summary>
internal sealed class MemberExpression(SqlExpression target, SqlExpression[] indexes) : SqlExpression
{
    public override SqlValue Evaluate(SqlRow row)
    {
        var value = target.Evaluate(row);
        foreach (var index in indexes)
            value = PathExpression.Member(value, index.Evaluate(row));
        return value;
    }
}

/// <summary><c>[a, b]</c></summary>
internal sealed class ArrayExpression(SqlExpression[] elements) : SqlExpression
{
    public override SqlValue Evaluate(SqlRow row) => JsonBuilder.ArrayOf(elements.Select(element => element.Evaluate(row)));
}

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

internal enum SubqueryKind
{
    Scalar,
    Array,
    Exists,
}

/// <summary>A subquery: its only result, all of them as an array, or whether there are any.</summary>
internal sealed class SubqueryExpression(SubqueryKind kind, SqlSelect select) : SqlExpression
{
    public override SqlValue Evaluate(SqlRow row)
    {
        var results = row.Pipeline.Results(select);
        if (kind == SubqueryKind.Array)
            return JsonBuilder.ArrayOf(results);
        var found = SqlValue.Undefined;
        foreach (var result in results)
        {
            if (kind == SubqueryKind.Exists)
                return SqlValue.True;
            if (found.IsDefined)
                throw new CosmosFailure(400, "The cardinality of a scalar subquery result set cannot be greater than one; use ARRAY(...) or EXISTS(...).");
            found = result;
        }

        return kind == SubqueryKind.Exists ? SqlValue.False : found;
    }
}
