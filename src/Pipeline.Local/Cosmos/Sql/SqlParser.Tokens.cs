namespace Pipeline.Local.Cosmos.Sql;

/// <summary>One token after the other.</summary>
internal sealed partial class SqlParser
{
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
