namespace Pipeline.Local.Cosmos.Sql;

/// <summary>IN, BETWEEN and LIKE.</summary>
internal sealed partial class SqlParser
{
    private const int MaxListed = 16_000;

    private SqlExpression ReadTest(SqlExpression left)
    {
        var isNegated = Accept("NOT");
        SqlExpression test;
        if (Accept("IN"))
        {
            test = new InExpression(left, ReadList());
        }
        else if (Accept("BETWEEN"))
        {
            var low = ReadBinary(Precedence.Test + 1);
            Expect("AND");
            test = new BetweenExpression(left, low, ReadBinary(Precedence.Test + 1));
        }
        else
        {
            Expect("LIKE");
            var pattern = ReadBinary(Precedence.Test + 1);
            test = new LikeExpression(left, pattern, ReadEscape());
        }

        return isNegated ? new NotExpression(test) : test;
    }

    private char? ReadEscape()
    {
        if (!Accept("ESCAPE"))
            return null;
        var token = Current;
        if (token.Kind != TokenKind.Text || token.Text.Length != 1)
            throw Error($"ESCAPE takes a text of one character, not {token}", token.Position);
        _at++;
        return token.Text[0];
    }

    private SqlExpression[] ReadList()
    {
        ExpectSymbol("(");
        if (Current.IsKeyword("SELECT"))
            throw Error("IN takes a list, not a subquery; use EXISTS or ARRAY_CONTAINS", Current.Position);
        var list = new List<SqlExpression>();
        do
        {
            if (list.Count == MaxListed)
                throw Error($"IN takes at most {MaxListed} values", Current.Position);
            list.Add(ReadExpression());
        }
        while (AcceptSymbol(","));
        ExpectSymbol(")");
        return [.. list];
    }
}
