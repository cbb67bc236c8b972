using System.Text.Json;

namespace Pipeline.Local.Cosmos.Sql;

/// <summary>A built-in function. Arguments of the wrong type make the result undefined, as everywhere in the language.</summary>
internal sealed record SqlFunction(string Name, int MinArguments, int MaxArguments, Func<SqlValue[], SqlValue> Call)
{
    public const string StartsWith = "STARTSWITH";
    public const string ArrayContains = "ARRAY_CONTAINS";

    private static readonly Dictionary<string, SqlFunction> Functions = new SqlFunction[]
    {
        new(StartsWith, 2, 3, a => OnTexts(a, (text, part, comparison) => text.StartsWith(part, comparison))),
        new("ENDSWITH", 2, 3, a => OnTexts(a, (text, part, comparison) => text.EndsWith(part, comparison))),
        new("CONTAINS", 2, 3, a => OnTexts(a, (text, part, comparison) => text.Contains(part, comparison))),
        new(ArrayContains, 2, 3, a => Contains(a)),
        new("ARRAY_LENGTH", 1, 1, a => a[0].Type == SqlType.Array ? SqlValue.Of((double)a[0].Json.GetArrayLength()) : default),
        new("LENGTH", 1, 1, a => a[0].Type == SqlType.String ? SqlValue.Of((double)a[0].Text.Length) : default),
        new("LOWER", 1, 1, a => a[0].Type == SqlType.String ? SqlValue.Of(a[0].Text.ToLowerInvariant()) : default),
        new("UPPER", 1, 1, a => a[0].Type == SqlType.String ? SqlValue.Of(a[0].Text.ToUpperInvariant()) : default),
        new("IS_DEFINED", 1, 1, a => SqlValue.Of(a[0].IsDefined)),
        new("IS_NULL", 1, 1, a => SqlValue.Of(a[0].Type == SqlType.Null)),
        new("IS_BOOL", 1, 1, a => SqlValue.Of(a[0].Type == SqlType.Boolean)),
        new("IS_NUMBER", 1, 1, a => SqlValue.Of(a[0].Type == SqlType.Number)),
        new("IS_STRING", 1, 1, a => SqlValue.Of(a[0].Type == SqlType.String)),
        new("IS_PRIMITIVE", 1, 1, a => SqlValue.Of(a[0].Type is SqlType.Null or SqlType.Boolean or SqlType.Number or SqlType.String)),
        new("IS_ARRAY", 1, 1, a => SqlValue.Of(a[0].Type == SqlType.Array)),
        new("IS_OBJECT", 1, 1, a => SqlValue.Of(a[0].Type == SqlType.Object)),
    }.ToDictionary(function => function.Name, StringComparer.OrdinalIgnoreCase);

    public static SqlFunction? Find(string name) => Functions.GetValueOrDefault(name);

    private static SqlValue OnTexts(SqlValue[] arguments, Func<string, string, StringComparison, bool> test)
    {
        if (arguments[0].Type != SqlType.String || arguments[1].Type != SqlType.String)
            return SqlValue.Undefined;
        var ignoreCase = false;
        if (arguments.Length == 3)
        {
            if (arguments[2].Type != SqlType.Boolean)
                return SqlValue.Undefined;
            ignoreCase = arguments[2].IsTrue;
        }

        return SqlValue.Of(test(arguments[0].Text, arguments[1].Text, ignoreCase ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal));
    }

    private static SqlValue Contains(SqlValue[] arguments)
    {
        if (arguments[0].Type != SqlType.Array || !arguments[1].IsDefined)
            return SqlValue.Undefined;
        var partial = arguments.Length == 3 && arguments[2].IsTrue;
        foreach (var element in arguments[0].Json.EnumerateArray())
        {
            var value = SqlValue.Of(element);
            if (SqlValue.AreEqual(value, arguments[1]).IsTrue || (partial && IsPart(arguments[1], value)))
                return SqlValue.True;
        }

        return SqlValue.False;
    }

    /// <summary>A partial match: every property of the sought object is in the element.</summary>
    private static bool IsPart(in SqlValue sought, in SqlValue element)
    {
        if (sought.Type != SqlType.Object || element.Type != SqlType.Object)
            return false;
        foreach (var property in sought.Json.EnumerateObject())
        {
            if (!element.Json.TryGetProperty(property.Name, out var value) || !SqlValue.AreSame(SqlValue.Of(value), SqlValue.Of(property.Value)))
                return false;
        }

        return true;
    }
}
