using System.Text;

namespace Pipeline.Local.ServiceBus;

/// <summary>Cuts a SQL rule into tokens.</summary>
internal static class SqlRuleLexer
{
    private static readonly string[] Symbols = ["<>", "!=", ">=", "<=", "=", "<", ">", "+", "-", "*", "/", "%", "(", ")", ",", ".", ";"];

    /// <exception cref="FormatException">Something is no token.</exception>
    public static List<SqlToken> Tokens(string sql)
    {
        var tokens = new List<SqlToken>();
        var at = 0;
        while (true)
        {
            while (at < sql.Length && char.IsWhiteSpace(sql[at]))
                at++;
            if (at == sql.Length)
            {
                tokens.Add(new(SqlTokenKind.End, "end", null, at + 1));
                return tokens;
            }

            tokens.Add(Next(sql, ref at));
        }
    }

    private static SqlToken Next(string sql, ref int at)
    {
        var start = at;
        switch (sql[at])
        {
            case '\'':
                return new(SqlTokenKind.Text, Delimited(sql, ref at, '\''), null, start + 1);
            case '[':
                return new(SqlTokenKind.Quoted, Delimited(sql, ref at, ']'), null, start + 1);
            case '"':
                return new(SqlTokenKind.Quoted, Delimited(sql, ref at, '"'), null, start + 1);
            case var c when char.IsAsciiDigit(c) || (c == '.' && at + 1 < sql.Length && char.IsAsciiDigit(sql[at + 1])):
                return Number(sql, ref at);
            case var c when char.IsLetter(c):
                while (at < sql.Length && (char.IsLetterOrDigit(sql[at]) || sql[at] == '_'))
                    at++;
                return new(SqlTokenKind.Word, sql[start..at], null, start + 1);
            case '@':
                throw new FormatException(string.Create(CultureInfo.InvariantCulture,
                    $"The parameter at position {start + 1} is not offered: write its value into the rule."));
        }

        foreach (var symbol in Symbols)
        {
            if (string.CompareOrdinal(sql, at, symbol, 0, symbol.Length) != 0)
                continue;
            at += symbol.Length;
            return new(SqlTokenKind.Symbol, symbol, null, start + 1);
        }

        throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"'{sql[at]}' at position {at + 1} is not SQL of a rule."));
    }

    private static string Delimited(string sql, ref int at, char end)
    {
        var start = at++;
        var text = new StringBuilder();
        for (; at < sql.Length; at++)
        {
            if (sql[at] != end)
                text.Append(sql[at]);
            else if (at + 1 < sql.Length && sql[at + 1] == end)
                text.Append(sql[at++]);
            else
            {
                at++;
                return text.ToString();
            }
        }

        throw new FormatException(string.Create(CultureInfo.InvariantCulture,
            $"What begins at position {start + 1} has no closing {end}."));
    }

    private static SqlToken Number(string sql, ref int at)
    {
        var start = at;
        while (at < sql.Length && (char.IsAsciiDigit(sql[at]) || sql[at] is '.' or 'e' or 'E' || ((sql[at] is '+' or '-') && (sql[at - 1] is 'e' or 'E'))))
            at++;

        var text = sql[start..at];
        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var whole))
            return new(SqlTokenKind.Number, text, whole, start + 1);
        const NumberStyles Real = NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        if (text.AsSpan().IndexOfAny("eE.") >= 0 && double.TryParse(text, Real, CultureInfo.InvariantCulture, out var real) && double.IsFinite(real))
            return new(SqlTokenKind.Number, text, real, start + 1);
        throw new FormatException(string.Create(CultureInfo.InvariantCulture,
            $"'{text}' at position {start + 1} is no number of 64 bits."));
    }
}
