namespace Pipeline.Local.Cosmos.Sql;

internal readonly record struct Token(TokenKind Kind, string Text, int Position, double Number = 0)
{
    public bool IsSymbol(string symbol) => Kind == TokenKind.Symbol && string.Equals(Text, symbol, StringComparison.Ordinal);

    /// <summary>Keywords are names until the grammar says otherwise; their case does not matter.</summary>
    public bool IsKeyword(string keyword) => Kind == TokenKind.Name && string.Equals(Text, keyword, StringComparison.OrdinalIgnoreCase);

    public override string ToString() => Kind == TokenKind.End ? "the end of the query" : $"'{Text}'";
}
