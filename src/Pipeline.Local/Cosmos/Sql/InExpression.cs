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
