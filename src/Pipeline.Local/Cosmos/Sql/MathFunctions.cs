namespace Pipeline.Local.Cosmos.Sql;

/// <summary>Functions of numbers, which are doubles.</summary>
internal static class MathFunctions
{
    public static readonly SqlFunction[] All =
    [
        Of("ABS", Math.Abs),
        Of("ACOS", Math.Acos),
        Of("ASIN", Math.Asin),
        Of("ATAN", Math.Atan),
        Of("ATN2", Math.Atan2),
        Of("CEILING", Math.Ceiling),
        Of("COS", Math.Cos),
        Of("COT", x => 1 / Math.Tan(x)),
        Of("DEGREES", x => x * (180 / Math.PI)),
        Of("EXP", Math.Exp),
        Of("FLOOR", Math.Floor),
        new("LOG", 1, 2, a => !AreNumbers(a) ? default : SqlValue.Of(a.Length == 1 ? Math.Log(a[0].Number) : Math.Log(a[0].Number, a[1].Number))),
        Of("LOG10", Math.Log10),
        new("NUMBERBIN", 1, 2, a => !AreNumbers(a) ? default : Bin(a[0].Number, a.Length == 1 ? 1 : a[1].Number)),
        new("PI", 0, 0, _ => SqlValue.Of(Math.PI)),
        Of("POWER", Math.Pow),
        Of("RADIANS", x => x * (Math.PI / 180)),
        new("RAND", 0, 0, (_, row) => SqlValue.Of(row.Random.NextDouble())),
        new("ROUND", 1, 2, a => !AreNumbers(a) ? default : Round(a[0].Number, a.Length == 1 ? 0 : a[1].Number)),
        Of("SIGN", x => double.IsNaN(x) ? x : Math.Sign(x)),
        Of("SIN", Math.Sin),
        Of("SQRT", Math.Sqrt),
        Of("SQUARE", x => x * x),
        Of("TAN", Math.Tan),
        Of("TRUNC", Math.Truncate),
    ];

    private static bool AreNumbers(SqlValue[] arguments) => Array.TrueForAll(arguments, argument => argument.Type == SqlType.Number);

    private static SqlFunction Of(string name, Func<double, double> function) =>
        new(name, 1, 1, a => AreNumbers(a) ? SqlValue.Of(function(a[0].Number)) : default);

    private static SqlFunction Of(string name, Func<double, double, double> function) =>
        new(name, 2, 2, a => AreNumbers(a) ? SqlValue.Of(function(a[0].Number, a[1].Number)) : default);

    private static SqlValue Bin(double number, double size) => size > 0 ? SqlValue.Of(Math.Floor(number / size) * size) : default;

    /// <summary>Halves are rounded away from zero; the digits may be negative.</summary>
    private static SqlValue Round(double number, double digits)
    {
        if (digits != Math.Floor(digits))
            return default;
        if (digits is >= 0 and <= 15)
            return SqlValue.Of(Math.Round(number, (int)digits, MidpointRounding.AwayFromZero));
        if (digits > 15)
            return SqlValue.Of(number);
        var scale = Math.Pow(10, -digits);
        return SqlValue.Of(double.IsFinite(scale) ? Math.Round(number / scale, MidpointRounding.AwayFromZero) * scale : 0);
    }
}
