namespace Pipeline.Local.Cosmos.Sql;

/// <summary>What a value is. These are never undefined themselves.</summary>
internal static class TypeFunctions
{
    public static readonly SqlFunction[] All =
    [
        Is("IS_DEFINED", value => value.IsDefined),
        Is("IS_NULL", value => value.Type == SqlType.Null),
        Is("IS_BOOL", value => value.Type == SqlType.Boolean),
        Is("IS_NUMBER", value => value.Type == SqlType.Number),
        Is("IS_FINITE_NUMBER", value => value.Type == SqlType.Number && double.IsFinite(value.Number)),
        Is("IS_INTEGER", value => value.Type == SqlType.Number && value.Number is >= long.MinValue and < 9223372036854775808.0 && value.Number == Math.Floor(value.Number)),
        Is("IS_STRING", value => value.Type == SqlType.String),
        Is("IS_PRIMITIVE", value => value.Type is SqlType.Null or SqlType.Boolean or SqlType.Number or SqlType.String),
        Is("IS_ARRAY", value => value.Type == SqlType.Array),
        Is("IS_OBJECT", value => value.Type == SqlType.Object),
    ];

    private static SqlFunction Is(string name, Func<SqlValue, bool> test) => new(name, 1, 1, arguments => SqlValue.Of(test(arguments[0])));
}
