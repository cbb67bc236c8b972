namespace Pipeline.Local.Cosmos.Sql;

/// <summary>FROM and JOIN.</summary>
internal sealed partial class SqlParser
{
    private const int MaxSources = 16;

    /// <summary>A name in FROM was not that of another source, so it is the container.</summary>
    private bool _isContainerNamed;

    private bool _isInFrom;

    /// <summary>The container is a source already; a query goes through it once.</summary>
    private bool _isContainerUsed;

    /// <summary>Subqueries around this place that are values, not sources: their rows come from the row around them.</summary>
    private int _scalars;

    private List<SqlSource> ReadSources()
    {
        var sources = new List<SqlSource>();
        var start = Current.Position;
        do
        {
            ReadSource(sources);
            if (sources.Count > MaxSources)
                throw Error($"more than {MaxSources} sources in FROM are not supported", start);
        }
        while (Accept("JOIN"));
        if (Current.IsSymbol(","))
            throw Error("FROM with a comma is not supported; use JOIN", Current.Position);
        return sources;
    }

    private void ReadSource(List<SqlSource> sources)
    {
        var start = Current;
        if (IsSubqueryNext)
        {
            var derived = ReadSubquery(isSource: true);
            sources.Add(new(Declare(ReadAlias(), start), Subquery: derived));
            return;
        }

        if (Following.IsKeyword("IN"))
        {
            var name = ReadName("an alias");
            Expect("IN");
            if (IsSubqueryNext)
            {
                var subquery = ReadSubquery(isSource: true);
                sources.Add(new(Declare(name, start), Subquery: subquery));
                return;
            }

            var array = ReadFromExpression(sources);
            sources.Add(new(Declare(name, start), array, IsIterated: true));
            return;
        }

        if (start.Kind != TokenKind.Name)
            throw Error($"a container is expected, not {start}", start.Position);
        if (ReadFromExpression(sources) is not PathExpression path)
            throw Error("FROM takes a container, a path or a subquery", start.Position);
        var alias = ReadAlias() ?? path.LastName;
        // Another name for what is there already is no source of its own.
        if (path.IsWhole)
            Declare(alias, start, path.Slot);
        else
            sources.Add(new(Declare(alias, start), path));
    }

    private bool IsSubqueryNext => Current.IsSymbol("(") && Following.IsKeyword("SELECT");

    private SqlSelect ReadSubquery(bool isSource = false)
    {
        ExpectSymbol("(");
        var isInFrom = _isInFrom;
        _isInFrom = false;
        _scalars += isSource ? 0 : 1;
        var select = ReadSelectStatement().Select;
        _scalars -= isSource ? 0 : 1;
        _isInFrom = isInFrom;
        ExpectSymbol(")");
        return select;
    }

    /// <summary>Reads a path or another expression of FROM; if it begins at the container, that is a source, too.</summary>
    private SqlExpression ReadFromExpression(List<SqlSource> sources)
    {
        (_isInFrom, _isContainerNamed) = (true, false);
        var expression = ReadPrimary();
        _isInFrom = false;
        if (_isContainerNamed)
            sources.Add(new(SqlRow.DocumentSlot));
        return expression;
    }

    private string? ReadAlias()
    {
        if (Accept("AS"))
            return ReadName("an alias");
        return Current.Kind == TokenKind.Name && !IsClause(Current) ? ReadName("an alias") : null;
    }

    private int Declare(string? name, Token at, int? slot = null)
    {
        var declared = slot ?? _slots++;
        if (name is not null && !_select.Names.TryAdd(name, declared))
            throw Error($"FROM has two sources that are called '{name}'", at.Position);
        return declared;
    }

    /// <summary>The slot of a name.</summary>
    private int Resolve(Token name)
    {
        if (_select.Find(name.Text) is { } slot)
            return slot;
        if (!_isInFrom || !_select.IsNameless || _scalars > 0 || _isContainerUsed)
            throw Error($"'{name.Text}' is unknown; {_select.Known}", name.Position);
        _isContainerNamed = _isContainerUsed = true;
        return SqlRow.DocumentSlot;
    }
}
