namespace Pipeline.Local.ServiceBus;

/// <summary>
/// Reads the SQL of rules: <see href="https://learn.microsoft.com/azure/service-bus-messaging/service-bus-messaging-sql-filter"/>
/// and <see href="https://learn.microsoft.com/azure/service-bus-messaging/service-bus-messaging-sql-rule-action"/>.
/// </summary>
internal sealed class SqlRuleParser
{
    private static readonly HashSet<string> Reserved = new(StringComparer.OrdinalIgnoreCase)
    {
        "AND", "OR", "NOT", "IN", "LIKE", "ESCAPE", "IS", "NULL", "EXISTS", "TRUE", "FALSE", "SET", "REMOVE",
    };

    private readonly List<SqlToken> _tokens;
    private readonly string _what;
    private int _at;

    private SqlRuleParser(string sql, string what) => (_tokens, _what) = (SqlRuleLexer.Tokens(sql), what);

    private SqlToken Current => _tokens[_at];

    /// <exception cref="FormatException">It is no filter; the message says where.</exception>
    public static SqlNode Filter(string sql)
    {
        var parser = new SqlRuleParser(sql, "filter");
        var filter = parser.Predicate(parser.Or());
        parser.ExpectEnd();
        return filter;
    }

    /// <exception cref="FormatException">It is no action; the message says where.</exception>
    public static List<SqlAction> Action(string sql)
    {
        var parser = new SqlRuleParser(sql, "action");
        var statements = new List<SqlAction>();
        do
        {
            statements.Add(parser.Statement());
            while (parser.TrySymbol(";") || parser.TrySymbol(","))
            {
            }
        }
        while (parser.Current.Kind != SqlTokenKind.End);

        return statements;
    }

    private SqlAction Statement()
    {
        if (TryWord("REMOVE"))
            return new SqlAction(Property(), null);
        if (!TryWord("SET"))
            throw Unexpected("SET or REMOVE");
        var target = Property();
        Expect("=");
        return new SqlAction(target, Value(Sum()));
    }

    private SqlNode Or()
    {
        var left = And();
        while (TryWord("OR"))
            left = new SqlLogical(isAnd: false, Predicate(left), Predicate(And()));
        return left;
    }

    private SqlNode And()
    {
        var left = Not();
        while (TryWord("AND"))
            left = new SqlLogical(isAnd: true, Predicate(left), Predicate(Not()));
        return left;
    }

    private SqlNode Not() => TryWord("NOT") ? new SqlNot(Predicate(Not())) : Condition();

    private SqlNode Condition()
    {
        if (TryWord("EXISTS"))
        {
            Expect("(");
            var property = Property();
            Expect(")");
            return new SqlExists(property);
        }

        var left = Sum();
        if (Current is { Kind: SqlTokenKind.Symbol, Text: "=" or "<>" or "!=" or "<" or "<=" or ">" or ">=" } op)
        {
            _at++;
            return new SqlComparison(op.Text, Value(left), Value(Sum()));
        }

        if (TryWord("IS"))
        {
            var not = TryWord("NOT");
            ExpectWord("NULL");
            return new SqlIsNull(left as SqlProperty ?? throw new FormatException("IS NULL is for properties only."), not);
        }

        var negated = TryWord("NOT");
        if (TryWord("IN"))
            return new SqlIn(Value(left), List(), negated);
        if (TryWord("LIKE"))
        {
            var pattern = Value(Sum());
            return new SqlLike(Value(left), pattern, TryWord("ESCAPE") ? Value(Sum()) : null, negated);
        }

        return negated ? throw Unexpected("IN or LIKE") : left;
    }

    private List<SqlNode> List()
    {
        var values = new List<SqlNode>();
        Expect("(");
        do
            values.Add(Value(Sum()));
        while (TrySymbol(","));
        Expect(")");
        return values;
    }

    private SqlNode Sum()
    {
        var left = Product();
        while (Current is { Kind: SqlTokenKind.Symbol, Text: "+" or "-" } op)
        {
            _at++;
            left = new SqlArithmetic(op.Text[0], Value(left), Value(Product()));
        }

        return left;
    }

    private SqlNode Product()
    {
        var left = Sign();
        while (Current is { Kind: SqlTokenKind.Symbol, Text: "*" or "/" or "%" } op)
        {
            _at++;
            left = new SqlArithmetic(op.Text[0], Value(left), Value(Sign()));
        }

        return left;
    }

    private SqlNode Sign()
    {
        if (TrySymbol("-"))
            return new SqlArithmetic('-', new SqlConstant(0L), Value(Sign()));
        return TrySymbol("+") ? new SqlArithmetic('+', new SqlConstant(0L), Value(Sign())) : Primary();
    }

    private SqlNode Primary()
    {
        var token = Current;
        if (TrySymbol("("))
        {
            var inner = Or();
            Expect(")");
            return inner;
        }

        if (token.Kind is SqlTokenKind.Text or SqlTokenKind.Number)
        {
            _at++;
            return new SqlConstant(token.Value ?? token.Text);
        }

        if (TryWord("TRUE"))
            return new SqlConstant(true);
        if (TryWord("FALSE"))
            return new SqlConstant(false);
        if (TryWord("NULL"))
            return new SqlConstant(null);
        if (IsFunction(token))
            return Function();
        return IsName(token) ? Property() : throw Unexpected("a value or the name of a property");
    }

    private bool IsFunction(SqlToken token) =>
        token.Kind == SqlTokenKind.Word && !Reserved.Contains(token.Text) && _tokens[_at + 1] is { Kind: SqlTokenKind.Symbol, Text: "(" };

    private SqlNode Function()
    {
        var name = _tokens[_at++];
        Expect("(");
        SqlNode function = name.Text.ToUpperInvariant() switch
        {
            "NEWID" => new SqlNewId(),
            "PROPERTY" or "P" => new SqlPropertyFunction(Value(Sum())),
            _ => throw new FormatException(string.Create(CultureInfo.InvariantCulture,
                $"There is no function '{name.Text}' (position {name.Position}), only newid() and property().")),
        };
        Expect(")");
        return function;
    }

    private SqlProperty Property()
    {
        var token = Name();
        if (!TrySymbol("."))
            return new SqlProperty(isSystem: false, token.Text);
        if (token.Kind != SqlTokenKind.Word || !(IsWord(token, "sys") || IsWord(token, "user")))
            throw new FormatException(string.Create(CultureInfo.InvariantCulture,
                $"'{token.Text}.' at position {token.Position} is no scope: 'sys.' or 'user.' is expected."));
        return new SqlProperty(IsWord(token, "sys"), Name().Text);
    }

    private SqlToken Name()
    {
        var token = Current;
        if (!IsName(token))
            throw Unexpected("the name of a property");
        _at++;
        return token;
    }

    private static bool IsName(SqlToken token) =>
        token.Kind == SqlTokenKind.Quoted || (token.Kind == SqlTokenKind.Word && !Reserved.Contains(token.Text));

    private SqlNode Predicate(SqlNode node) => node.IsPredicate ? node : throw Unexpected("a comparison");

    private SqlNode Value(SqlNode node) => node.IsPredicate
        ? throw new FormatException(string.Create(CultureInfo.InvariantCulture,
            $"A condition cannot be used as a value (before position {Current.Position})."))
        : node;

    private bool TryWord(string word)
    {
        if (Current.Kind != SqlTokenKind.Word || !IsWord(Current, word))
            return false;
        _at++;
        return true;
    }

    private bool TrySymbol(string symbol)
    {
        if (Current.Kind != SqlTokenKind.Symbol || Current.Text != symbol)
            return false;
        _at++;
        return true;
    }

    private void Expect(string symbol)
    {
        if (!TrySymbol(symbol))
            throw Unexpected($"'{symbol}'");
    }

    private void ExpectWord(string word)
    {
        if (!TryWord(word))
            throw Unexpected(word);
    }

    private void ExpectEnd()
    {
        if (Current.Kind != SqlTokenKind.End)
            throw Unexpected("AND, OR or the end");
    }

    private static bool IsWord(SqlToken token, string word) => token.Text.Equals(word, StringComparison.OrdinalIgnoreCase);

    private FormatException Unexpected(string expected) => new(Current.Kind == SqlTokenKind.End
        ? string.Create(CultureInfo.InvariantCulture, $"The {_what} ends where {expected} is expected (position {Current.Position}).")
        : string.Create(CultureInfo.InvariantCulture,
            $"At position {Current.Position} there is '{Current.Text}', and {expected} is expected."));
}
