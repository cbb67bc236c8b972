namespace Pipeline.Local.ServiceBus;

/// <summary>Patterns of LIKE: <c>%</c> is any text, <c>_</c> any character. With regard to case.</summary>
internal static class LikePattern
{
    /// <summary>Goes back to the last <c>%</c> only, so it takes text times pattern steps at most.</summary>
    /// <exception cref="FilterException">The escape character ends the pattern.</exception>
    public static bool Matches(string text, string pattern, char? escape)
    {
        EnsureComplete(pattern, escape);
        int t = 0, p = 0, afterAny = -1, anyAt = 0;
        while (t < text.Length)
        {
            if (p < pattern.Length && pattern[p] == '%' && pattern[p] != escape)
            {
                afterAny = ++p;
                anyAt = t;
            }
            else if (p < pattern.Length && MatchesOne(text[t], pattern, p, escape, out var length))
            {
                p += length;
                t++;
            }
            else if (afterAny >= 0)
            {
                p = afterAny;
                t = ++anyAt;
            }
            else
            {
                return false;
            }
        }

        while (p < pattern.Length && pattern[p] == '%' && pattern[p] != escape)
            p++;
        return p == pattern.Length;
    }

    private static bool MatchesOne(char c, string pattern, int at, char? escape, out int length)
    {
        if (pattern[at] != escape)
        {
            length = 1;
            return pattern[at] == '_' || pattern[at] == c;
        }

        length = 2;
        return pattern[at + 1] == c;
    }

    private static void EnsureComplete(string pattern, char? escape)
    {
        var escaped = false;
        foreach (var c in pattern)
            escaped = !escaped && c == escape;
        if (escaped)
            throw new FilterException("The pattern of LIKE ends with its escape character.");
    }
}
