using System.Text;

namespace Pipeline.Local.Cosmos.Sql;

/// <summary>Functions of arrays and objects.</summary>
internal static class ArrayFunctions
{
    public static readonly SqlFunction[] All =
    [
        new(SqlFunction.ArrayContains, 2, 3, Contains),
        new("ARRAY_CONTAINS_ANY", 2, SqlFunction.Any, a => ContainsEach(a, all: false)),
        new("ARRAY_CONTAINS_ALL", 2, SqlFunction.Any, a => ContainsEach(a, all: true)),
        new("ARRAY_CONCAT", 2, SqlFunction.Any, a => AreArrays(a) ? JsonBuilder.ArrayOf(a.SelectMany(Elements)) : default),
        new("ARRAY_LENGTH", 1, 1, a => AreArrays(a) ? SqlValue.Of((double)a[0].Json.GetArrayLength()) : default),
        new("ARRAY_SLICE", 2, 3, Slice),
        new("SETINTERSECT", 2, 2, a => AreArrays(a) ? Intersect(a[0], a[1]) : default),
        new("SETUNION", 2, 2, a => AreArrays(a) ? JsonBuilder.ArrayOf(Elements(a[0]).Concat(Elements(a[1])).DistinctBy(Key, StringComparer.Ordinal)) : default),
        new("CHOOSE", 2, SqlFunction.Any, a => a[0].Type == SqlType.Number && a[0].Number >= 1 && a[0].Number < a.Length ? a[(int)a[0].Number] : default),
        new("OBJECTTOARRAY", 1, 1, ToArray),
    ];

    private static bool AreArrays(SqlValue[] arguments) => Array.TrueForAll(arguments, argument => argument.Type == SqlType.Array);

    private static IEnumerable<SqlValue> Elements(SqlValue array) => array.Json.EnumerateArray().Select(SqlValue.Of);

    private static string Key(SqlValue value)
    {
        var key = new StringBuilder();
        GroupKey.Append(key, value);
        return key.ToString();
    }

    private static SqlValue Contains(SqlValue[] arguments)
    {
        if (arguments[0].Type != SqlType.Array || !arguments[1].IsDefined || (arguments.Length == 3 && arguments[2].Type is not (SqlType.Boolean or SqlType.Undefined)))
            return SqlValue.Undefined;
        var sought = arguments[1];
        var isPartial = arguments.Length == 3 && arguments[2].IsTrue;
        return SqlValue.Of(Elements(arguments[0]).Any(element => SqlValue.AreSame(element, sought) || (isPartial && IsPart(sought, element))));
    }

    private static SqlValue ContainsEach(SqlValue[] arguments, bool all)
    {
        if (arguments[0].Type != SqlType.Array || !Array.TrueForAll(arguments, argument => argument.IsDefined))
            return SqlValue.Undefined;
        var present = Elements(arguments[0]).Select(Key).ToHashSet(StringComparer.Ordinal);
        var sought = arguments.Skip(1).Select(Key);
        return SqlValue.Of(all ? sought.All(present.Contains) : sought.Any(present.Contains));
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

    /// <summary>A negative start counts from the end.</summary>
    private static SqlValue Slice(SqlValue[] arguments)
    {
        if (arguments[0].Type != SqlType.Array || !Array.TrueForAll(arguments[1..], number => number.Type == SqlType.Number && number.Number == Math.Floor(number.Number)))
            return SqlValue.Undefined;
        var length = arguments[0].Json.GetArrayLength();
        var start = arguments[1].Number < 0 ? arguments[1].Number + length : arguments[1].Number;
        var from = (int)Math.Clamp(start, 0, length);
        var count = arguments.Length == 3 ? (int)Math.Clamp(arguments[2].Number, 0, length - from) : length - from;
        return JsonBuilder.ArrayOf(Elements(arguments[0]).Skip(from).Take(count));
    }

    private static SqlValue Intersect(SqlValue left, SqlValue right)
    {
        var others = Elements(right).Select(Key).ToHashSet(StringComparer.Ordinal);
        return JsonBuilder.ArrayOf(Elements(left).DistinctBy(Key, StringComparer.Ordinal).Where(element => others.Contains(Key(element))));
    }

    private static SqlValue ToArray(SqlValue[] arguments)
    {
        if (arguments[0].Type != SqlType.Object)
            return SqlValue.Undefined;
        using var builder = JsonBuilder.Array();
        foreach (var property in arguments[0].Json.EnumerateObject())
        {
            using var pair = JsonBuilder.Object();
            pair.Add("k", SqlValue.Of(property.Name));
            pair.Add("v", SqlValue.Of(property.Value));
            builder.Add(pair.Finish());
        }

        return builder.Finish();
    }
}
