using System.Text;

namespace Pipeline.Local.Cosmos.Sql;

/// <summary>Splits a query into tokens.</summary>
internal static class SqlLexer
{
    private static readonly string[] Symbols = ["!=", "<>", "<=", ">=", "||", "??", .. "()[]{},.:*=<>+-/%&|^~?".Select(c => c.ToString())];

    public static List<Token> Tokenize(string query)
    {
        var tokens = new List<Token>();
        var at = 0;
        while (true)
        {
            at = SkipBlanks(query, at);
            if (at == query.Length)
                break;
            tokens.Add(Next(query, ref at));
        }

        tokens.Add(new(TokenKind.End, "", at));
        return tokens;
    }

    private static int SkipBlanks(string query, int at)
    {
        while (at < query.Length)
        {
            if (char.IsWhiteSpace(query[at]))
            {
                at++;
            }
            else if (string.CompareOrdinal(query, at, "--", 0, 2) == 0)
            {
                var end = query.IndexOf('\n', at);
                at = end < 0 ? query.Length : end;
            }
            else
            {
                break;
            }
        }

        return at;
    }

    private static Token Next(string query, ref int at)
    {
        var start = at;
        var c = query[at];
        if (c is '"' or '\'')
            return new(TokenKind.Text, ReadText(query, ref at), start);
        if (char.IsAsciiDigit(c) || (c == '.' && at + 1 < query.Length && char.IsAsciiDigit(query[at + 1])))
            return ReadNumber(query, ref at);
        if (IsNameStart(c) || c == '@')
        {
            at++;
            while (at < query.Length && (IsNameStart(query[at]) || char.IsAsciiDigit(query[at])))
                at++;
            return new(c == '@' ? TokenKind.Parameter : TokenKind.Name, query[start..at], start);
        }

        foreach (var symbol in Symbols)
        {
            if (string.CompareOrdinal(query, at, symbol, 0, symbol.Length) != 0)
                continue;
            at += symbol.Length;
            return new(TokenKind.Symbol, symbol, start);
        }

        throw SqlParser.Error($"'{c}' is not understood", start);
    }

    private static bool IsNameStart(char c) => c is '_' or '$' || char.IsLetter(c);

    private static bool IsInNumber(char c) => char.IsAsciiLetterOrDigit(c) || c == '.';

    private static Token ReadNumber(string query, ref int at)
    {
        var start = at;
        while (at < query.Length && (IsInNumber(query[at]) || (query[at] is '+' or '-' && query[at - 1] is 'e' or 'E')))
            at++;
        var text = query[start..at];
        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            ? new(TokenKind.Number, text, start, number)
            : throw SqlParser.Error($"'{text}' is no number", start);
    }

    private static string ReadText(string query, ref int at)
    {
        var start = at;
        var quote = query[at++];
        var text = new StringBuilder();
        while (at < query.Length && query[at] != quote)
        {
            if (query[at] == '\\')
                text.Append(ReadEscape(query, ref at));
            else
                text.Append(query[at++]);
        }

        if (at == query.Length)
            throw SqlParser.Error("a string does not end", start);
        at++;
        return text.ToString();
    }

    private static char ReadEscape(string query, ref int at)
    {
        var start = at++;
        var c = at < query.Length ? query[at++] : '\0';
        switch (c)
        {
            case '"' or '\'' or '\\' or '/':
                return c;
            case 'b':
                return '\b';
            case 'f':
                return '\f';
            case 'n':
                return '\n';
            case 'r':
                return '\r';
            case 't':
                return '\t';
            case 'u' when at + 4 <= query.Length
                && ushort.TryParse(query.AsSpan(at, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code):
                at += 4;
                return (char)code;
            default:
                throw SqlParser.Error("an escape sequence is not understood", start);
        }
    }
}
