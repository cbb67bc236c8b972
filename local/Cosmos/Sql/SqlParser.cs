namespace Pipeline.Local.Cosmos.Sql;

/// <summary>
/// Recursive-descent parser for the supported part of the query language. Whatever it does not know is refused by name:
/// a query must not silently mean something else here than in Azure. This part reads clauses; the other, expressions.
/// </summary>
internal sealed partial class SqlParser
{
    private readonly List<Token> _tokens;
    private readonly List<string> _parameters = [];
    private readonly List<AggregateExpression> _aggregates = [];
    private readonly List<(string Root, int Position)> _roots = [];
    private int _at;
    private bool _inSelect;
    private bool _inAggregate;
    private readonly string _text;

    private SqlParser(string text)
    {
        _text = text;
        _tokens = SqlLexer.Tokenize(text);
    }

    private Token Current => _tokens[_at];

    public static SqlQuery ParseQuery(string text)
    {
        var parser = new SqlParser(text);
        return parser.ReadQuery();
    }

    /// <summary>Parses the condition of a patch: <c>FROM c WHERE …</c>.</summary>
    public static SqlExpression ParseCondition(string text)
    {
        var parser = new SqlParser(text);
        var alias = parser.ReadFrom();
        parser.Expect("WHERE");
        var condition = parser.ReadExpression();
        parser.Finish(alias);
        return parser._parameters.Count == 0 ? condition : throw Error("a patch condition has no parameters", 0);
    }

    public static CosmosFailure Error(string what, int position) =>
        CosmosFailure.NotSupported($"Query: {what}, at position {position}.");

    private SqlQuery ReadQuery()
    {
        var isPart = Accept(QueryPlan.PartMark);
        SqlExpression? resumeFilter = null;
        if (isPart)
        {
            ExpectSymbol("(");
            resumeFilter = ReadExpression();
            ExpectSymbol(")");
        }

        Expect("SELECT");
        var isDistinct = Accept("DISTINCT");
        var top = Accept("TOP") ? ReadCount("TOP") : null;
        _inSelect = true;
        var select = ReadSelect();
        _inSelect = false;
        var alias = ReadFrom();
        var where = Accept("WHERE") ? ReadExpression() : null;
        var groupBy = ReadGroupBy();
        var orderBy = ReadOrderBy();
        SqlExpression? offset = null, limit = null;
        if (Accept("OFFSET"))
        {
            offset = ReadCount("OFFSET");
            Expect("LIMIT");
            limit = ReadCount("LIMIT");
        }

        Finish(alias);
        if (isDistinct)
            groupBy = DistinctBy(select, groupBy);
        if (_aggregates.Count > 0 || groupBy.Count > 0)
        {
            CheckGroups(select, groupBy);
            if (top is not null || offset is not null || orderBy.Count > 0)
                throw Error("an aggregate, GROUP BY or DISTINCT with TOP, ORDER BY or OFFSET is not supported", 0);
        }

        if (top is not null && offset is not null)
            throw Error("TOP and OFFSET exclude each other", 0);
        return new SqlQuery
        {
            Select = select,
            Where = where,
            OrderBy = orderBy,
            Top = top,
            Offset = offset,
            Limit = limit,
            Aggregates = _aggregates,
            GroupBy = groupBy,
            IsDistinct = isDistinct,
            IsPart = isPart,
            ResumeFilter = resumeFilter is ConstantExpression ? null : resumeFilter,
            Parameters = _parameters,
        };
    }

    private SelectClause ReadSelect()
    {
        if (AcceptSymbol("*"))
            return new(null, null);
        if (Accept("VALUE"))
            return new(ReadSelected(), null);

        var items = new List<SelectItem>();
        do
        {
            var start = Current.Position;
            var expression = ReadSelected();
            string name;
            if (Accept("AS"))
                name = ReadName("an alias");
            else if (Current.Kind == TokenKind.Name && !Current.IsKeyword("FROM"))
                name = ReadName("an alias");
            else
                name = (expression as PathExpression) is { } path ? path.LastName ?? _roots[^1].Root : $"${items.Count + 1}";
            if (items.Exists(item => string.Equals(item.Name, name, StringComparison.Ordinal)))
                throw Error($"'{name}' is selected twice", start);
            items.Add(new(name, expression));
        }
        while (AcceptSymbol(","));
        return new(null, items);
    }

    /// <returns>The name by which the query calls the document.</returns>
    private string ReadFrom()
    {
        Expect("FROM");
        var alias = ReadName("a container");
        if (Current.IsKeyword("IN") || Current.IsKeyword("JOIN") || Current.IsSymbol(".") || Current.IsSymbol("[") || Current.IsSymbol(","))
            throw Error("only FROM <container> is supported: no JOIN, no IN, no path", Current.Position);
        if (Accept("AS"))
            alias = ReadName("an alias");
        else if (Current.Kind == TokenKind.Name && !IsClause(Current))
            alias = ReadName("an alias");
        if (Current.IsKeyword("JOIN"))
            throw Error("JOIN is not supported", Current.Position);
        return alias;
    }

    private static bool IsClause(Token token) =>
        token.IsKeyword("WHERE") || token.IsKeyword("ORDER") || token.IsKeyword("GROUP") || token.IsKeyword("OFFSET") || token.IsKeyword("JOIN");

    private List<OrderByItem> ReadOrderBy()
    {
        var items = new List<OrderByItem>();
        if (!Accept("ORDER"))
            return items;
        Expect("BY");
        do
        {
            var start = Current.Position;
            if (ReadExpression() is not PathExpression { IsDocument: false } path)
                throw Error("ORDER BY takes paths only", start);
            var text = TextFrom(start);
            var descending = Accept("DESC");
            if (!descending)
                Accept("ASC");
            items.Add(new(path, descending, text));
        }
        while (AcceptSymbol(","));
        return items;
    }

    private SqlExpression ReadCount(string clause)
    {
        var token = Current;
        if (token.Kind == TokenKind.Parameter)
            return ReadPrimary();
        if (token.Kind != TokenKind.Number || token.Number < 0 || token.Number != Math.Floor(token.Number))
            throw Error($"{clause} takes a number or a parameter, not {token}", token.Position);
        return ReadPrimary();
    }

    private void Finish(string alias)
    {
        if (Current.Kind != TokenKind.End)
            throw Error($"{Current} is not understood", Current.Position);
        foreach (var (root, position) in _roots)
        {
            if (!string.Equals(root, alias, StringComparison.Ordinal))
                throw Error($"'{root}' is unknown; the document is called '{alias}'", position);
        }
    }

    private string ReadName(string what)
    {
        var token = Current;
        if (token.Kind != TokenKind.Name)
            throw Error($"{what} is expected, not {token}", token.Position);
        _at++;
        return token.Text;
    }

    private void Expect(string keyword)
    {
        if (!Accept(keyword))
            throw Error($"{keyword} is expected, not {Current}", Current.Position);
    }

    private bool Accept(string keyword)
    {
        if (!Current.IsKeyword(keyword))
            return false;
        _at++;
        return true;
    }

    private void ExpectSymbol(string symbol)
    {
        if (!AcceptSymbol(symbol))
            throw Error($"'{symbol}' is expected, not {Current}", Current.Position);
    }

    private bool AcceptSymbol(string symbol)
    {
        if (!Current.IsSymbol(symbol))
            return false;
        _at++;
        return true;
    }
}
