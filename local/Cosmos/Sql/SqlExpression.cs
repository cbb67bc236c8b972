using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Pipeline.Local.Cosmos.Sql;

/// <summary>A node of a parsed query. Immutable and shared by all executions of the query.</summary>
internal abstract class SqlExpression
{
    public abstract SqlValue Evaluate(SqlRow row);
}

/// <summary>A literal.</summary>
internal sealed class ConstantExpression(SqlValue value) : SqlExpression
{
    public override SqlValue Evaluate(SqlRow row) => value;
}

internal sealed class ParameterExpression(int index) : SqlExpression
{
    public override SqlValue Evaluate(SqlRow row) => row.Parameter(index);
}

/// <summary>One step of a path: a property name, or a place in an array.</summary>
internal readonly record struct PathStep(string? Name, int Index = 0)
{
    public byte[] Utf8 { get; } = Name is null ? [] : Encoding.UTF8.GetBytes(Name);
}

/// <summary>A path from the document: <c>c</c>, <c>c.a.b</c>, <c>c["a"][0]</c>.</summary>
internal sealed class PathExpression(PathStep[] steps) : SqlExpression
{
    private readonly bool _isId = steps is [{ Name: "id" }];
    private readonly bool _isIndexed = steps is [{ Name: StoredContainer.IndexedProperty }];

    /// <summary>The last name in the path, which names the property in a result.</summary>
    public string? LastName => steps.Length > 0 ? steps[^1].Name : null;

    public bool IsDocument => steps.Length == 0;

    /// <summary>Tells whether two paths are the same, however they are written.</summary>
    public string Key => string.Concat(steps.Select(step => step.Name is null ? $"[{step.Index}]" : $"/{step.Name}"));

    public bool IsTopLevel(string? property) => property is not null && steps.Length == 1 && string.Equals(steps[0].Name, property, StringComparison.Ordinal);

    public override SqlValue Evaluate(SqlRow row)
    {
        if (_isId)
            return SqlValue.Of(row.Document.Id);
        if (_isIndexed && row.Document.Kind is { } kind)
            return SqlValue.Of(kind);
        if (IsTopLevel(row.PartitionKeyProperty) && row.Document.Partition.Key is { Kind: PartitionKeyKind.String } key)
            return SqlValue.Of(key.Text!);

        var element = row.Root;
        foreach (var step in steps)
        {
            if (step.Name is not null)
            {
                if (element.ValueKind != JsonValueKind.Object || !element.TryGetProperty(step.Utf8, out element))
                    return SqlValue.Undefined;
            }
            else
            {
                if (element.ValueKind != JsonValueKind.Array || step.Index >= element.GetArrayLength())
                    return SqlValue.Undefined;
                element = element[step.Index];
            }
        }

        return SqlValue.Of(element);
    }
}

internal enum ComparisonOperator
{
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

internal sealed class ComparisonExpression(ComparisonOperator comparison, SqlExpression left, SqlExpression right) : SqlExpression
{
    public ComparisonOperator Operator => comparison;
    public SqlExpression Left => left;
    public SqlExpression Right => right;

    public override SqlValue Evaluate(SqlRow row) => Compare(comparison, left.Evaluate(row), right.Evaluate(row));

    public static SqlValue Compare(ComparisonOperator comparison, in SqlValue left, in SqlValue right)
    {
        if (comparison is ComparisonOperator.Equal or ComparisonOperator.NotEqual)
        {
            var equal = SqlValue.AreEqual(left, right);
            return comparison == ComparisonOperator.Equal || !equal.IsDefined ? equal : SqlValue.Of(equal.IsFalse);
        }

        if (SqlValue.Compare(left, right) is not { } order)
            return SqlValue.Undefined;
        return SqlValue.Of(comparison switch
        {
            ComparisonOperator.Less => order < 0,
            ComparisonOperator.LessOrEqual => order <= 0,
            ComparisonOperator.Greater => order > 0,
            _ => order >= 0,
        });
    }
}

/// <summary>AND and OR with undefined as a third truth value. Flat, because a query may join a thousand conditions.</summary>
internal sealed class LogicalExpression(bool isAnd, SqlExpression[] operands) : SqlExpression
{
    public bool IsAnd => isAnd;
    public SqlExpression[] Operands => operands;

    public override SqlValue Evaluate(SqlRow row)
    {
        var result = SqlValue.Of(isAnd);
        foreach (var operand in operands)
        {
            var value = operand.Evaluate(row);
            if (isAnd ? value.IsFalse : value.IsTrue)
                return value;
            if (value.Type != SqlType.Boolean)
                result = SqlValue.Undefined;
        }

        return result;
    }
}

internal sealed class NotExpression(SqlExpression operand) : SqlExpression
{
    public override SqlValue Evaluate(SqlRow row)
    {
        var value = operand.Evaluate(row);
        return value.Type == SqlType.Boolean ? SqlValue.Of(value.IsFalse) : SqlValue.Undefined;
    }
}

internal sealed class InExpression(SqlExpression operand, SqlExpression[] list) : SqlExpression
{
    public SqlExpression Operand => operand;
    public SqlExpression[] List => list;

    public override SqlValue Evaluate(SqlRow row)
    {
        var value = operand.Evaluate(row);
        var result = SqlValue.False;
        foreach (var candidate in list)
        {
            var equal = SqlValue.AreEqual(value, candidate.Evaluate(row));
            if (equal.IsTrue)
                return equal;
            if (!equal.IsDefined)
                result = SqlValue.Undefined;
        }

        return result;
    }
}

internal sealed class BetweenExpression(SqlExpression operand, SqlExpression low, SqlExpression high) : SqlExpression
{
    private readonly LogicalExpression _both = new(
        isAnd: true,
        [
            new ComparisonExpression(ComparisonOperator.GreaterOrEqual, operand, low),
            new ComparisonExpression(ComparisonOperator.LessOrEqual, operand, high),
        ]);

    /// <summary>The same as two comparisons.</summary>
    public LogicalExpression Both => _both;

    public override SqlValue Evaluate(SqlRow row) => _both.Evaluate(row);
}

/// <summary>LIKE with a constant pattern: <c>%</c> is any text, <c>_</c> any character.</summary>
internal sealed class LikeExpression(SqlExpression operand, string pattern) : SqlExpression
{
    private readonly Regex _regex = new(
        "^" + string.Concat(pattern.Select(c => c switch { '%' => ".*", '_' => ".", _ => Regex.Escape(c.ToString()) })) + "$",
        RegexOptions.Singleline | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);

    public SqlExpression Operand => operand;

    /// <summary>What every match begins with.</summary>
    public string Prefix { get; } = pattern.IndexOfAny(['%', '_']) is >= 0 and var end ? pattern[..end] : pattern;

    public override SqlValue Evaluate(SqlRow row)
    {
        var value = operand.Evaluate(row);
        return value.Type == SqlType.String ? SqlValue.Of(_regex.IsMatch(value.Text)) : SqlValue.Undefined;
    }
}

internal sealed class FunctionExpression(SqlFunction function, SqlExpression[] arguments) : SqlExpression
{
    public SqlFunction Function => function;
    public SqlExpression[] Arguments => arguments;

    public override SqlValue Evaluate(SqlRow row)
    {
        var values = new SqlValue[arguments.Length];
        for (var i = 0; i < values.Length; i++)
            values[i] = arguments[i].Evaluate(row);
        return function.Call(values);
    }
}
