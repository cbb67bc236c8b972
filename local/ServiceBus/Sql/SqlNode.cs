namespace Pipeline.Local.ServiceBus;

/// <summary>A part of a SQL rule. Its value may be <see cref="SqlValues.Unknown"/>.</summary>
internal abstract class SqlNode
{
    /// <summary>Whether it is a condition, not a value.</summary>
    public virtual bool IsPredicate => false;

    /// <exception cref="FilterException">It has no value for this message.</exception>
    public abstract object? Evaluate(SqlContext context);
}

internal sealed class SqlConstant(object? value) : SqlNode
{
    public override object? Evaluate(SqlContext context) => value;
}

internal sealed class SqlProperty(bool isSystem, string name) : SqlNode
{
    public bool IsSystem => isSystem;

    public string Name => name;

    public override object? Evaluate(SqlContext context) =>
        isSystem ? SystemProperties.Get(context, name) : context.Property(name);
}

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

internal sealed class SqlNewId : SqlNode
{
    public override object? Evaluate(SqlContext context) => context.NewId();
}

internal sealed class SqlArithmetic(char op, SqlNode left, SqlNode right) : SqlNode
{
    public override object? Evaluate(SqlContext context) => SqlValues.Calculate(op, left.Evaluate(context), right.Evaluate(context));
}

internal sealed class SqlComparison(string op, SqlNode left, SqlNode right) : SqlNode
{
    public override bool IsPredicate => true;

    public override object? Evaluate(SqlContext context) => SqlValues.Compare(op, left.Evaluate(context), right.Evaluate(context));
}

internal sealed class SqlNot(SqlNode operand) : SqlNode
{
    public override bool IsPredicate => true;

    public override object? Evaluate(SqlContext context) => operand.Evaluate(context) is bool value ? !value : SqlValues.Unknown;
}

internal sealed class SqlLogical(bool isAnd, SqlNode left, SqlNode right) : SqlNode
{
    public override bool IsPredicate => true;

    public override object? Evaluate(SqlContext context)
    {
        var first = left.Evaluate(context) as bool?;
        if (first == !isAnd)
            return first;
        var second = right.Evaluate(context) as bool?;
        if (second == !isAnd)
            return second;
        return first is null || second is null ? SqlValues.Unknown : isAnd;
    }
}

internal sealed class SqlIsNull(SqlProperty property, bool negated) : SqlNode
{
    public override bool IsPredicate => true;

    public override object? Evaluate(SqlContext context)
    {
        var value = property.Evaluate(context);
        return (value is null || ReferenceEquals(value, SqlValues.Unknown)) != negated;
    }
}

internal sealed class SqlExists(SqlProperty property) : SqlNode
{
    public override bool IsPredicate => true;

    public override object? Evaluate(SqlContext context)
    {
        var value = property.Evaluate(context);
        return property.IsSystem ? value is not null : !ReferenceEquals(value, SqlValues.Unknown);
    }
}

internal sealed class SqlIn(SqlNode left, List<SqlNode> values, bool negated) : SqlNode
{
    public override bool IsPredicate => true;

    public override object? Evaluate(SqlContext context)
    {
        var value = left.Evaluate(context);
        if (ReferenceEquals(value, SqlValues.Unknown))
            return SqlValues.Unknown;
        foreach (var other in values)
        {
            if (SqlValues.Compare("=", value, other.Evaluate(context)) is true)
                return !negated;
        }

        return negated;
    }
}

internal sealed class SqlLike(SqlNode left, SqlNode pattern, SqlNode? escape, bool negated) : SqlNode
{
    public override bool IsPredicate => true;

    public override object? Evaluate(SqlContext context)
    {
        var (value, wanted) = (left.Evaluate(context), pattern.Evaluate(context));
        if (ReferenceEquals(value, SqlValues.Unknown) || ReferenceEquals(wanted, SqlValues.Unknown))
            return SqlValues.Unknown;
        char? escapeChar = escape?.Evaluate(context) switch
        {
            null => null,
            string { Length: 1 } text => text[0],
            _ => throw new FilterException("ESCAPE needs a text of one character."),
        };
        if (wanted is not string like)
            throw new FilterException("LIKE needs a text as its pattern.");
        return value switch
        {
            null => negated,
            string text => LikePattern.Matches(text, like, escapeChar) != negated,
            _ => throw new FilterException($"LIKE cannot be applied to a {value.GetType().Name}."),
        };
    }
}
