namespace Pipeline.Local.Cosmos.Sql;

/// <summary>What is selected, aggregates and GROUP BY.</summary>
internal sealed partial class SqlParser
{
    /// <summary>The SELECT that is being read.</summary>
    private SelectContext _select = null!;

    private SelectClause ReadSelected()
    {
        if (AcceptSymbol("*"))
            return new(null, null);
        if (Accept("VALUE"))
            return new(ReadSelectedExpression(), null);

        var items = new List<SelectItem>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        var unnamed = 0;
        do
        {
            var start = Current.Position;
            var expression = ReadSelectedExpression();
            string name;
            if (Accept("AS"))
                name = ReadName("an alias");
            else if (Current.Kind == TokenKind.Name && !IsClause(Current))
                name = ReadName("an alias");
            else
                name = (expression as PathExpression)?.LastName ?? string.Create(CultureInfo.InvariantCulture, $"${++unnamed}");
            if (!names.Add(name))
                throw Error($"'{name}' is selected twice", start);
            items.Add(new(name, expression));
        }
        while (AcceptSymbol(","));
        return new(null, items);
    }

    private SqlExpression ReadSelectedExpression()
    {
        var aggregates = _select.Aggregates.Count;
        var expression = ReadExpression();
        if (_select.Aggregates.Count > aggregates && expression is not AggregateExpression)
            _select.HasInnerAggregates = true;
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
            if (expression is not (PathExpression { IsDocument: false } or MemberExpression or FunctionExpression))
                throw Error("GROUP BY takes paths and functions only", start);
            items.Add(new(expression, TextFrom(start), _slots++));
        }
        while (AcceptSymbol(","));
        return items;
    }

    private AggregateExpression ReadAggregate(AggregateKind kind, Token name)
    {
        if (!_select.IsInSelected || _select.IsInAggregate)
            throw Error($"{name.Text.ToUpperInvariant()} belongs into SELECT", name.Position);
        _select.IsInAggregate = true;
        var operand = ReadExpression();
        _select.IsInAggregate = false;
        if (!AcceptSymbol(")"))
            throw Error($"{name.Text.ToUpperInvariant()} takes one argument", name.Position);
        var aggregate = new AggregateExpression(kind, operand, _slots++);
        _select.Aggregates.Add(aggregate);
        return aggregate;
    }

    /// <summary>What is selected from a group has to be the same for all its rows.</summary>
    /// <returns>The group's value if it is in GROUP BY.</returns>
    private SqlExpression OfGroup(SqlExpression expression, int start)
    {
        if (!_select.IsInSelected || _select.IsInAggregate || expression is not (PathExpression or MemberExpression or FunctionExpression or SubqueryExpression))
            return expression;
        var text = TextFrom(start);
        var key = KeyOf(expression, text);
        if (_select.GroupBy.Find(item => string.Equals(KeyOf(item.Expression, item.Text), key, StringComparison.Ordinal)) is { } group)
        {
            // What it is made of is not selected itself.
            if (_select.Ungrouped?.Position >= start)
                _select.Ungrouped = null;
            return new PathExpression(group.Slot, (expression as PathExpression)?.LastName, []);
        }

        if (expression is PathExpression or SubqueryExpression)
            _select.Ungrouped ??= (text, start);
        return expression;
    }

    private static string KeyOf(SqlExpression expression, string text) =>
        expression is PathExpression path ? path.Key : string.Concat(text.Where(c => !char.IsWhiteSpace(c)));

    /// <summary>What is known of a SELECT while it is read.</summary>
    private sealed class SelectContext(SelectContext? outer)
    {
        /// <summary>The query around a subquery.</summary>
        public SelectContext? Outer => outer;

        /// <summary>What FROM calls its sources, and the slots of these.</summary>
        public Dictionary<string, int> Names { get; init; } = new(StringComparer.Ordinal);

        public List<AggregateExpression> Aggregates { get; } = [];
        public List<GroupByItem> GroupBy { get; set; } = [];
        public bool IsInSelected { get; set; }
        public bool IsInAggregate { get; set; }
        public bool HasInnerAggregates { get; set; }

        /// <summary>The first of what is selected that differs within a group.</summary>
        public (string Text, int Position)? Ungrouped { get; set; }

        public int? Find(string name)
        {
            for (var context = this; context is not null; context = context.Outer)
            {
                if (context.Names.TryGetValue(name, out var slot))
                    return slot;
            }

            return null;
        }

        public bool IsNameless
        {
            get
            {
                for (var context = this; context is not null; context = context.Outer)
                {
                    if (context.Names.Count > 0)
                        return false;
                }

                return true;
            }
        }

        public string Known
        {
            get
            {
                var names = new List<string>();
                for (var context = this; context is not null; context = context.Outer)
                    names.AddRange(context.Names.Keys);
                return names.Count == 0 ? "there is no FROM" : $"FROM has {string.Join(", ", names.Select(name => $"'{name}'"))}";
            }
        }
    }
}
