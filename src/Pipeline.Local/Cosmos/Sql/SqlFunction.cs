namespace Pipeline.Local.Cosmos.Sql;

/// <summary>A built-in function. Arguments of the wrong type make the result undefined, as everywhere in the language.</summary>
internal sealed record SqlFunction(string Name, int MinArguments, int MaxArguments, Func<SqlValue[], SqlRow, SqlValue> Call)
{
    public const string StartsWith = "STARTSWITH";
    public const string ArrayContains = "ARRAY_CONTAINS";
    public const string Conditional = "IIF";
    public const int Any = int.MaxValue;

    private static readonly Dictionary<string, SqlFunction> Functions =
        new[] { StringFunctions.All, MathFunctions.All, ArrayFunctions.All, TypeFunctions.All, DateFunctions.All, ConversionFunctions.All }
            .SelectMany(functions => functions)
            .ToDictionary(function => function.Name, StringComparer.OrdinalIgnoreCase);

    public SqlFunction(string name, int minArguments, int maxArguments, Func<SqlValue[], SqlValue> call)
        : this(name, minArguments, maxArguments, (arguments, _) => call(arguments))
    {
    }

    /// <summary>How many arguments it takes, for people.</summary>
    public string Arity => (MinArguments, MaxArguments) switch
    {
        (var min, Any) => string.Create(CultureInfo.InvariantCulture, $"at least {min}"),
        var (min, max) when min == max => string.Create(CultureInfo.InvariantCulture, $"{min}"),
        var (min, max) => string.Create(CultureInfo.InvariantCulture, $"{min} to {max}"),
    };

    public static SqlFunction? Find(string name) => Functions.GetValueOrDefault(name);
}
