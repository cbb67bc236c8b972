namespace Pipeline.Local.Cosmos.Sql;

/// <summary>Aggregates, GROUP BY and DISTINCT, which is a GROUP BY of everything selected.</summary>
internal sealed partial class SqlParser
{
    /// <summary>The expressions of SELECT as they stand in the query.</summary>
    private readonly Dictionary<SqlExpression, string> _texts = [];

    /// <summary>One expression of SELECT: an aggregate stands alone, because clients can merge it only so.</summary>
    private SqlExpression ReadSelected()
    {
        var start = Current.Position;
        var aggregates = _aggregates.Count;
        var expression = ReadExpression();
        if (_aggregates.Count > aggregates && expression is not AggregateExpression)
            throw Error("an aggregate within another expression is not supported", start);
        _texts[expression] = TextFrom(start);
        return expression;
    }

    private List<GroupByItem> ReadGroupBy()
    {
        var items = new List<GroupByItem>();
        if (!Accept("GROUP"))
            return items;
        Expect("BY");
        do
        {
            var start = Current.Position;
            var expression = ReadExpression();
            if (expression is not (PathExpression { IsDocument: false } or FunctionExpression))
                throw Error("GROUP BY takes paths and functions only", start);
            items.Add(new(expression, TextFrom(start)));
        }
        while (AcceptSymbol(","));
        return items;
    }

    private List<GroupByItem> DistinctBy(SelectClause select, List<GroupByItem> groupBy)
    {
        if (groupBy.Count > 0 || _aggregates.Count > 0)
            throw Error("DISTINCT with GROUP BY or an aggregate is not supported", 0);
        if (select.IsStar)
            throw Error("DISTINCT * is not supported; name the properties", 0);
        return select.Value is { } value
            ? [new(value, _texts[value])]
            : select.Items!.ConvertAll(item => new GroupByItem(item.Expression, _texts[item.Expression]));
    }

    /// <summary>What is selected from a group has to be the same for all its documents.</summary>
    private void CheckGroups(SelectClause select, List<GroupByItem> groupBy)
    {
        if (select.IsStar)
            throw Error("* with GROUP BY is not supported; name what is grouped by", 0);
        var selected = select.Value is { } value ? [value] : select.Items!.ConvertAll(item => item.Expression);
        var known = groupBy.ConvertAll(item => KeyOf(item.Expression, item.Text));
        foreach (var expression in selected)
        {
            if (expression is AggregateExpression or ConstantExpression or ParameterExpression)
                continue;
            if (!known.Contains(KeyOf(expression, _texts[expression]), StringComparer.Ordinal))
                throw Error($"'{_texts[expression]}' is neither an aggregate nor in GROUP BY", _text.IndexOf(_texts[expression], StringComparison.Ordinal));
        }
    }

    private static string KeyOf(SqlExpression expression, string text) =>
        expression is PathExpression path ? path.Key : string.Concat(text.Where(c => !char.IsWhiteSpace(c)));

    /// <summary>The query's text from there up to the token that comes next.</summary>
    private string TextFrom(int start) => _text[start..Current.Position].Trim();

    private AggregateExpression ReadAggregate(AggregateKind kind, Token name)
    {
        if (!_inSelect || _inAggregate)
            throw Error($"{name.Text.ToUpperInvariant()} belongs into SELECT", name.Position);
        _inAggregate = true;
        var operand = ReadExpression();
        _inAggregate = false;
        if (!AcceptSymbol(")"))
            throw Error($"{name.Text.ToUpperInvariant()} takes one argument", name.Position);
        var aggregate = new AggregateExpression(kind, operand, _aggregates.Count);
        _aggregates.Add(aggregate);
        return aggregate;
    }
}
