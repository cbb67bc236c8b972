namespace Pipeline.Local.ServiceBus;

/// <summary>
/// Values of SQL rules: what application properties can hold. Operators bind as in C#, where numbers of different types
/// meet in the wider one, and a text is never a number.
/// </summary>
internal static class SqlValues
{
    /// <summary>A property that does not exist, and what follows from it: neither true nor false.</summary>
    public static readonly object Unknown = new();

    /// <exception cref="FilterException">The two cannot be compared so.</exception>
    public static object Compare(string op, object? left, object? right)
    {
        if (ReferenceEquals(left, Unknown) || ReferenceEquals(right, Unknown))
            return Unknown;
        if (op is "=")
            return AreEqual(left, right);
        if (op is "<>" or "!=")
            return !AreEqual(left, right);
        if (left is null || right is null)
            return false;
        if (IsNaN(left) || IsNaN(right))
            return false;
        var order = Order(left, right) ?? throw Mismatch(op, left, right);
        return op switch { "<" => order < 0, "<=" => order <= 0, ">" => order > 0, _ => order >= 0 };
    }

    /// <exception cref="FilterException">The two cannot be combined so.</exception>
    public static object Calculate(char op, object? left, object? right)
    {
        if (ReferenceEquals(left, Unknown) || ReferenceEquals(right, Unknown))
            return Unknown;
        if (op == '+' && left is string a && right is string b)
            return a + b;
        if (Whole(left) is { } x && Whole(right) is { } y)
            return Calculate(op, x, y);
        if (Number(left) is not { } p || Number(right) is not { } q)
            throw Mismatch(op.ToString(), left, right);
        return op switch { '+' => p + q, '-' => p - q, '*' => p * q, '/' => p / q, _ => p % q };
    }

    /// <summary>Whether a correlation filter takes a value for its own.</summary>
    public static bool AreSame(object? own, object wanted) =>
        Equals(own, wanted) || (own is not null && Number(own) is not null && Number(wanted) is not null && Order(own, wanted) == 0);

    /// <summary>The value in the type of the one that it replaces, if it has one there.</summary>
    public static object? Converted(object? value, object? old)
    {
        if (value is null || old is null || value.GetType() == old.GetType() || ReferenceEquals(value, Unknown))
            return ReferenceEquals(value, Unknown) ? null : value;
        try
        {
            return value is IConvertible && old is IConvertible
                ? Convert.ChangeType(value, old.GetType(), CultureInfo.InvariantCulture)
                : value;
        }
        catch (Exception error) when (error is FormatException or InvalidCastException or OverflowException)
        {
            return value;
        }
    }

    private static bool AreEqual(object? left, object? right)
    {
        if (left is null || right is null)
            return left is null && right is null;
        if (IsNaN(left) || IsNaN(right))
            return false;
        if (Order(left, right) is { } order)
            return order == 0;
        return left.GetType() == right.GetType() ? left.Equals(right) : throw Mismatch("=", left, right);
    }

    /// <summary>Less than 0, 0 or more; <see langword="null"/> if the two have no order.</summary>
    private static int? Order(object left, object right) => (left, right) switch
    {
        (DateTimeOffset a, DateTime b) => a.UtcDateTime.CompareTo(b.ToUniversalTime()),
        (DateTime a, DateTimeOffset b) => a.ToUniversalTime().CompareTo(b.UtcDateTime),
        (DateTime a, DateTime b) => a.ToUniversalTime().CompareTo(b.ToUniversalTime()),
        (DateTimeOffset a, DateTimeOffset b) => a.CompareTo(b),
        (TimeSpan a, TimeSpan b) => a.CompareTo(b),
        (string a, string b) => string.CompareOrdinal(a, b),
        _ when Whole(left) is { } a && Whole(right) is { } b => a.CompareTo(b),
        (float or double, _) or (_, float or double) when Number(left) is { } a && Number(right) is { } b => a.CompareTo(b),
        _ when Exact(left) is { } a && Exact(right) is { } b => a.CompareTo(b),
        _ => null,
    };

    private static long Calculate(char op, long left, long right)
    {
        try
        {
            return op switch
            {
                '+' => checked(left + right),
                '-' => checked(left - right),
                '*' => checked(left * right),
                '/' => left / right,
                _ => left % right,
            };
        }
        catch (Exception error) when (error is OverflowException or DivideByZeroException)
        {
            throw new FilterException(string.Create(CultureInfo.InvariantCulture, $"{left} {op} {right}: {error.Message}"));
        }
    }

    private static bool IsNaN(object value) => value is double.NaN or float.NaN;

    private static long? Whole(object? value) => value switch
    {
        long v => v,
        int v => v,
        short v => v,
        sbyte v => v,
        byte v => v,
        ushort v => v,
        uint v => v,
        ulong v when v <= long.MaxValue => (long)v,
        _ => null,
    };

    private static double? Number(object? value) => value switch
    {
        double v => v,
        float v => v,
        decimal v => (double)v,
        ulong v => v,
        _ => Whole(value),
    };

    private static decimal? Exact(object value) => value switch
    {
        decimal v => v,
        ulong v => v,
        _ => Whole(value),
    };

    private static FilterException Mismatch(string op, object? left, object? right) =>
        new($"'{op}' cannot be applied to operands of type {TypeName(left)} and {TypeName(right)}.");

    private static string TypeName(object? value) => value?.GetType().Name ?? "null";
}
