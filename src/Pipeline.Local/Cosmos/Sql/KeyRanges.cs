namespace Pipeline.Local.Cosmos.Sql;

/// <summary>
/// The strings that a property of a document can have if a condition is to be true of that document: what a query needs
/// to visit. Never too few; <see cref="IsExact"/> when the condition says nothing else, so that it need not be evaluated.
/// </summary>
internal sealed class KeyRanges
{
    private static readonly KeyRange Everything = new("", LowIncluded: true, null, HighIncluded: false);

    private KeyRanges(List<KeyRange> ranges, bool isExact)
    {
        Ranges = ranges;
        IsExact = isExact;
    }

    /// <summary>Sorted and disjoint.</summary>
    public List<KeyRange> Ranges { get; }

    public bool IsExact { get; }

    public bool IsAll => Ranges is [{ Low: "", LowIncluded: true, High: null }];

    /// <summary>The strings, when they can be listed.</summary>
    public List<string>? Points => Ranges.TrueForAll(range => range.IsPoint) ? Ranges.ConvertAll(range => range.Low) : null;

    private static KeyRanges Unknown => new([Everything], isExact: false);

    /// <param name="condition">The WHERE clause; null for none.</param>
    /// <param name="property">A top-level property; only documents in which it is a string are found by the ranges.</param>
    /// <param name="row">Gives the parameters.</param>
    public static KeyRanges Of(SqlExpression? condition, string property, SqlRow row) => condition switch
    {
        null => new([Everything], isExact: true),
        ComparisonExpression comparison => OfComparison(comparison, property, row),
        BetweenExpression between => Of(between.Both, property, row),
        LogicalExpression { IsAnd: true } and => and.Operands.Select(operand => Of(operand, property, row)).Aggregate(Intersect),
        LogicalExpression or => Union([.. or.Operands.Select(operand => Of(operand, property, row))]),
        InExpression { Operand: PathExpression path } list when path.IsTopLevel(property) && Array.TrueForAll(list.List, IsConstant) =>
            OfPoints(property, [.. list.List.Select(element => element.Evaluate(row))]),
        LikeExpression { Operand: PathExpression path } like when path.IsTopLevel(property) => new([Prefixed(like.Prefix)], isExact: false),
        FunctionExpression call => OfCall(call, property, row),
        _ => Unknown,
    };

    private static KeyRanges OfComparison(ComparisonExpression comparison, string property, SqlRow row)
    {
        var (path, constant, op) = (comparison.Left, comparison.Right, comparison.Operator);
        if (path is not PathExpression)
        {
            (path, constant) = (constant, path);
            op = Mirror(op);
        }

        if (path is not PathExpression found || !found.IsTopLevel(property) || !IsConstant(constant) || op == ComparisonOperator.NotEqual)
            return Unknown;
        var value = constant.Evaluate(row);
        if (value.Type != SqlType.String)
            return OfOtherType(property);
        KeyRange range = op switch
        {
            ComparisonOperator.Equal => new(value.Text, true, value.Text, true),
            ComparisonOperator.Less => new("", true, value.Text, false),
            ComparisonOperator.LessOrEqual => new("", true, value.Text, true),
            ComparisonOperator.Greater => new(value.Text, false, null, false),
            _ => new(value.Text, true, null, false),
        };
        return new(range.IsEmpty ? [] : [range], isExact: true);
    }

    private static KeyRanges OfCall(FunctionExpression call, string property, SqlRow row)
    {
        switch (call)
        {
            case { Function.Name: SqlFunction.StartsWith, Arguments: [PathExpression path, var prefix, ..] }
                when path.IsTopLevel(property) && IsConstant(prefix) && Array.TrueForAll(call.Arguments[2..], IsConstant):
                var ignoreCase = call.Arguments.Length == 3 && !call.Arguments[2].Evaluate(row).IsFalse;
                var value = prefix.Evaluate(row);
                if (ignoreCase)
                    return Unknown;
                return value.Type == SqlType.String ? new([Prefixed(value.Text)], isExact: true) : OfOtherType(property);

            case { Function.Name: SqlFunction.ArrayContains, Arguments: [var array, PathExpression path] }
                when path.IsTopLevel(property) && IsConstant(array):
                var list = array.Evaluate(row);
                return list.Type == SqlType.Array
                    ? OfPoints(property, [.. list.Json.EnumerateArray().Select(SqlValue.Of)])
                    : OfOtherType(property);

            default:
                return Unknown;
        }
    }

    private static KeyRanges OfPoints(string property, List<SqlValue> values)
    {
        if (!IsAlwaysText(property) && values.Exists(value => value.Type != SqlType.String))
            return Unknown;
        return new(
            Merge([.. values.Where(value => value.Type == SqlType.String).Select(value => new KeyRange(value.Text, true, value.Text, true))]),
            isExact: true);
    }

    /// <summary>Compared with something that is no string: never true of an id, but perhaps of other properties.</summary>
    private static KeyRanges OfOtherType(string property) => IsAlwaysText(property) ? new([], isExact: true) : Unknown;

    private static bool IsAlwaysText(string property) => property is "id";

    private static KeyRange Prefixed(string prefix)
    {
        // The first string behind all that begin with the prefix: its last character that can be, raised by one.
        var last = prefix.AsSpan().LastIndexOfAnyExcept(char.MaxValue);
        return last < 0
            ? new(prefix, true, null, false)
            : new(prefix, true, string.Concat(prefix.AsSpan(0, last), [(char)(prefix[last] + 1)]), false);
    }

    private static KeyRanges Union(KeyRanges[] parts) =>
        new(Merge([.. parts.SelectMany(part => part.Ranges)]), Array.TrueForAll(parts, part => part.IsExact));

    private static List<KeyRange> Merge(List<KeyRange> ranges)
    {
        ranges.Sort(CompareLows);
        var merged = new List<KeyRange>(ranges.Count);
        foreach (var range in ranges)
        {
            if (merged.Count == 0 || !Touches(merged[^1], range))
                merged.Add(range);
            else if (CompareHighs(range, merged[^1]) > 0)
                merged[^1] = merged[^1] with { High = range.High, HighIncluded = range.HighIncluded };
        }

        return merged;
    }

    private static KeyRanges Intersect(KeyRanges left, KeyRanges right)
    {
        var ranges = new List<KeyRange>();
        int l = 0, r = 0;
        while (l < left.Ranges.Count && r < right.Ranges.Count)
        {
            var (a, b) = (left.Ranges[l], right.Ranges[r]);
            var low = CompareLows(a, b) >= 0 ? a : b;
            var high = CompareHighs(a, b) <= 0 ? a : b;
            var both = new KeyRange(low.Low, low.LowIncluded, high.High, high.HighIncluded);
            if (!both.IsEmpty)
                ranges.Add(both);
            if (CompareHighs(a, b) <= 0)
                l++;
            else
                r++;
        }

        return new(ranges, left.IsExact && right.IsExact);
    }

    private static bool Touches(KeyRange first, KeyRange second)
    {
        if (first.High is null)
            return true;
        var order = string.CompareOrdinal(second.Low, first.High);
        return order < 0 || (order == 0 && (first.HighIncluded || second.LowIncluded));
    }

    private static int CompareLows(KeyRange left, KeyRange right)
    {
        var order = string.CompareOrdinal(left.Low, right.Low);
        return order != 0 ? order : right.LowIncluded.CompareTo(left.LowIncluded);
    }

    private static int CompareHighs(KeyRange left, KeyRange right)
    {
        if (left.High is null || right.High is null)
            return (left.High is null).CompareTo(right.High is null);
        var order = string.CompareOrdinal(left.High, right.High);
        return order != 0 ? order : left.HighIncluded.CompareTo(right.HighIncluded);
    }

    private static bool IsConstant(SqlExpression expression) => expression is ConstantExpression or ParameterExpression;

    private static ComparisonOperator Mirror(ComparisonOperator op) => op switch
    {
        ComparisonOperator.Less => ComparisonOperator.Greater,
        ComparisonOperator.LessOrEqual => ComparisonOperator.GreaterOrEqual,
        ComparisonOperator.Greater => ComparisonOperator.Less,
        ComparisonOperator.GreaterOrEqual => ComparisonOperator.LessOrEqual,
        _ => op,
    };
}
