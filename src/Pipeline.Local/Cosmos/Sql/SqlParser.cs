using System.Runtime.CompilerServices;

namespace Pipeline.Local.Cosmos.Sql;

/// <summary>
/// Recursive-descent parser for the supported part of the query language. Whatever it does not know is refused by name:
/// a query must not silently mean something else here than in Azure. This part reads clauses; the others, expressions.
/// </summary>
internal sealed partial class SqlParser
{
    private const int NoSlot = -1;
    private readonly List<Token> _tokens;
    private readonly List<string> _parameters = [];
    private readonly string _text;
    private int _at;

    /// <summary>The values of a row so far; the first is the document.</summary>
    private int _slots = SqlRow.DocumentSlot + 1;

    private SqlParser(string text)
    {
        _text = text;
        _tokens = SqlLexer.Tokenize(text);
    }

    private Token Current => _tokens[_at];

    private Token Following => _tokens[Math.Min(_at + 1, _tokens.Count - 1)];

    public static SqlQuery ParseQuery(string text)
    {
        var parser = new SqlParser(text);
        return parser.ReadQuery();
    }

    /// <summary>Parses the condition of a patch: <c>FROM c WHERE …</c>.</summary>
    public static (SqlExpression Condition, int Slots) ParseCondition(string text)
    {
        var parser = new SqlParser(text) { _select = new(null) };
        parser.Expect("FROM");
        if (parser.ReadSources() is not [{ IsContainer: true }])
            throw Error("a patch condition is FROM <name> WHERE <condition>", 0);
        parser.Expect("WHERE");
        var condition = parser.ReadExpression();
        parser.ExpectEnd();
        return parser._parameters.Count == 0 ? (condition, parser._slots) : throw Error("a patch condition has no parameters", 0);
    }

    public static CosmosFailure Error(string what, int position) =>
        CosmosFailure.NotSupported(string.Create(CultureInfo.InvariantCulture, $"Query: {what}, at position {position}."));

    private SqlQuery ReadQuery()
    {
        var isPart = Accept(QueryPlan.PartMark);
        var filterAt = _at;
        if (isPart)
            SkipParentheses();
        var body = ReadSelectStatement();
        ExpectEnd();
        SqlExpression? resumeFilter = null;
        if (isPart)
        {
            // It speaks of the names that FROM has.
            _at = filterAt;
            _select = new(null) { Names = body.Names };
            ExpectSymbol("(");
            resumeFilter = ReadExpression();
            ExpectSymbol(")");
        }

        return new SqlQuery
        {
            Body = body.Select,
            IsPart = isPart,
            ResumeFilter = resumeFilter is ConstantExpression ? null : resumeFilter,
            Parameters = _parameters,
            Slots = _slots,
        };
    }

    /// <summary>Reads a SELECT with its clauses; in a subquery, up to its closing parenthesis.</summary>
    private (SqlSelect Select, Dictionary<string, int> Names) ReadSelectStatement()
    {
        // A stack overflow would end the process, which no query may do.
        if (++_depth > MaxDepth || !RuntimeHelpers.TryEnsureSufficientExecutionStack())
            throw Error("the query is nested too deeply", Current.Position);
        var outer = _select;
        var context = _select = new(outer);
        Expect("SELECT");
        var isDistinct = Accept("DISTINCT");
        var top = Accept("TOP") ? ReadCount("TOP") : null;

        // What is selected means what FROM and GROUP BY say, which come later.
        var selectAt = _at;
        var selectEnd = _at = EndOfSelected();
        var sources = Accept("FROM") ? ReadSources() : [];
        var where = Accept("WHERE") ? ReadExpression() : null;
        context.GroupBy = ReadGroupBy();
        var orderBy = ReadOrderBy();
        SqlExpression? offset = null, limit = null;
        if (Accept("OFFSET"))
        {
            offset = ReadCount("OFFSET");
            Expect("LIMIT");
            limit = ReadCount("LIMIT");
        }

        var end = _at;
        _at = selectAt;
        context.IsInSelected = true;
        var selected = ReadSelected();
        context.IsInSelected = false;
        if (_at != selectEnd)
            throw Error($"{Current} is not understood", Current.Position);
        _at = end;

        var select = new SqlSelect
        {
            Select = selected,
            Sources = sources,
            Where = where,
            OrderBy = orderBy,
            Top = top,
            Offset = offset,
            Limit = limit,
            Aggregates = context.Aggregates,
            GroupBy = context.GroupBy,
            IsDistinct = isDistinct,
            HasInnerAggregates = context.HasInnerAggregates,
            StarSlot = context.Names.Count == 1 ? context.Names.Values.Single() : sources.LastOrDefault()?.Slot ?? NoSlot,
        };
        Check(select, context);
        _select = outer;
        _depth--;
        return (select, context.Names);
    }

    private static void Check(SqlSelect select, SelectContext context)
    {
        if (select.Select.IsStar && (context.Names.Count > 1 || select.StarSlot == NoSlot))
            throw Error("SELECT * takes FROM with a single source; name what is selected", 0);
        if (select.HasGroups)
        {
            if (select.Select.IsStar)
                throw Error("* with GROUP BY is not supported; name what is grouped by", 0);
            if (context.Ungrouped is { } ungrouped)
                throw Error($"'{ungrouped.Text}' is neither an aggregate nor in GROUP BY", ungrouped.Position);
            if (select.OrderBy.Count > 0)
                throw Error("ORDER BY with GROUP BY or an aggregate is not supported; sort in the client", 0);
        }

        // As in Azure. Within a subquery everything is sorted in memory.
        if (select.IsOfContainer && context.Outer is null && select.OrderBy.Find(item => !item.Path.IsOfDocument) is { } joined)
            throw Error($"ORDER BY takes paths of the document, not '{joined.Text}'", 0);
        if (select.Top is not null && select.Offset is not null)
            throw Error("TOP and OFFSET exclude each other", 0);
    }

    /// <summary>The place of FROM; without FROM, where the next clause begins or the query ends.</summary>
    private int EndOfSelected()
    {
        var (depth, clause) = (0, -1);
        for (var at = _at; ; at++)
        {
            var token = _tokens[at];
            var isClosing = token.IsSymbol(")") || token.IsSymbol("]") || token.IsSymbol("}");
            if (token.Kind == TokenKind.End || (isClosing && depth == 0))
                return clause < 0 ? at : clause;
            if (isClosing)
                depth--;
            else if (token.IsSymbol("(") || token.IsSymbol("[") || token.IsSymbol("{"))
                depth++;
            if (depth > 0 || (at > _at && (_tokens[at - 1].IsSymbol(".") || _tokens[at - 1].IsKeyword("AS"))))
                continue;
            if (token.IsKeyword("FROM"))
                return at;
            if (clause < 0 && at > _at && IsClause(token))
                clause = at;
        }
    }

    private void SkipParentheses()
    {
        var depth = 0;
        do
        {
            if (Current.Kind == TokenKind.End)
                throw Error("')' is expected", Current.Position);
            depth += Current.IsSymbol("(") ? 1 : Current.IsSymbol(")") ? -1 : 0;
            _at++;
        }
        while (depth > 0);
    }

    private static bool IsClause(Token token) =>
        token.IsKeyword("WHERE") || token.IsKeyword("ORDER") || token.IsKeyword("GROUP") || token.IsKeyword("OFFSET")
        || token.IsKeyword("JOIN") || token.IsKeyword("FROM") || token.IsKeyword("HAVING");

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

    /// <summary>The query's text from there up to the token that comes next.</summary>
    private string TextFrom(int start) => _text[start..Current.Position].Trim();

    private void ExpectEnd()
    {
        if (Current.Kind != TokenKind.End)
            throw Error($"{Current} is not understood", Current.Position);
    }
}
