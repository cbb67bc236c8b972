namespace Pipeline.Local.Cosmos.Sql;

/// <summary>The same as an equality with each element of the list, joined by OR.</summary>
internal sealed class InExpression : SqlExpression
{
    private readonly HashSet<string>? _texts;
    private readonly SqlExpression[] _others;

    public InExpression(SqlExpression operand, SqlExpression[] list)
    {
        (Operand, List) = (operand, list);
        // A list of a thousand ids is not compared one by one with every document.
        var texts = list.OfType<ConstantExpression>().Select(constant => constant.Value).Where(value => value.Type == SqlType.String).ToList();
        _texts = texts.Count > 0 ? texts.Select(value => value.Text).ToHashSet(StringComparer.Ordinal) : null;
        _others = _texts is null ? list : [.. list.Where(element => element is not ConstantExpression { Value.Type: SqlType.String })];
    }

    public SqlExpression Operand { get; }
    public SqlExpression[] List { get; }

    public override SqlValue Evaluate(SqlRow row)
    {
        var value = Operand.Evaluate(row);
        if (!value.IsDefined)
            return value;
        if (_texts is not null && value.Type == SqlType.String && _texts.Contains(value.Text))
            return SqlValue.True;
        var result = SqlValue.False;
        foreach (var candidate in _others)
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

/// <summary>The same as two comparisons joined by AND.</summary>
internal sealed class BetweenExpression(SqlExpression operand, SqlExpression low, SqlExpression high) : SqlExpression
{
    /// <summary>For the ranges of an index; evaluated, it would evaluate the operand twice.</summary>
    public LogicalExpression Both { get; } = new(
        isAnd: true,
        [
            new ComparisonExpression(ComparisonOperator.GreaterOrEqual, operand, low),
            new ComparisonExpression(ComparisonOperator.LessOrEqual, operand, high),
        ]);

    public override SqlValue Evaluate(SqlRow row)
    {
        var value = operand.Evaluate(row);
        var isAbove = ComparisonExpression.Compare(ComparisonOperator.GreaterOrEqual, value, low.Evaluate(row));
        return isAbove.IsFalse
            ? isAbove
            : LogicalExpression.And(isAbove, ComparisonExpression.Compare(ComparisonOperator.LessOrEqual, value, high.Evaluate(row)));
    }
}

/// <summary>LIKE: <c>%</c> is any text, <c>_</c> any character, <c>[a-z]</c> and <c>[^a-z]</c> one of or outside a set.</summary>
internal sealed class LikeExpression(SqlExpression operand, SqlExpression pattern, char? escape) : SqlExpression
{
    /// <summary>Of a literal pattern, which is most.</summary>
    private readonly LikePattern? _constant = pattern is ConstantExpression { Value: { Type: SqlType.String } value } ? new LikePattern(value.Text, escape) : null;

    public SqlExpression Operand => operand;

    /// <summary>What every match begins with.</summary>
    public string Prefix => _constant?.Prefix ?? "";

    public override SqlValue Evaluate(SqlRow row)
    {
        var value = operand.Evaluate(row);
        if (value.Type != SqlType.String)
            return SqlValue.Undefined;
        if (_constant is not null)
            return SqlValue.Of(_constant.IsMatch(value.Text));
        var found = pattern.Evaluate(row);
        return found.Type == SqlType.String ? SqlValue.Of(LikePattern.Of(found.Text, escape).IsMatch(value.Text)) : SqlValue.Undefined;
    }
}
