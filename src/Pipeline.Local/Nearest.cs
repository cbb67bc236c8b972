namespace Pipeline;

/// <summary>The known name that is most like a misspelt one. Compiled into the generator too, which does not know the local host.</summary>
internal static class Nearest
{
    /// <summary>One that the name begins, or else the one that takes the fewest changes.</summary>
    public static string To(string name, IEnumerable<string> known) => known.MinBy(k =>
        (k.StartsWith(name, StringComparison.OrdinalIgnoreCase) ? 0 : name.Length) + Distance(name, k))!;

    /// <summary>" Did you mean ...?", to be put behind an error; empty if nothing known is like it.</summary>
    public static string Hint(string name, IEnumerable<string> known) =>
        Like(name, known) is { } like ? $" Did you mean {like}?" : "";

    /// <summary>The known name of which this one is a misspelling, most likely; <see langword="null"/> if it is none.</summary>
    public static string? Like(string name, IEnumerable<string> known)
    {
        var nearest = known.MinBy(k => Distance(name, k));
        return nearest is not null && Distance(name, nearest) <= Math.Max(1, Math.Min(name.Length, nearest.Length) / 3) ? nearest : null;
    }

    /// <summary>Levenshtein's, without regard to case: insertions, deletions and replacements that make one of the other.</summary>
    private static int Distance(string a, string b)
    {
        (a, b) = (a.ToUpperInvariant(), b.ToUpperInvariant());
        var row = new int[b.Length + 1];
        for (var j = 0; j <= b.Length; j++)
            row[j] = j;
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var above = row[j];
                row[j] = Math.Min(Math.Min(above, row[j - 1]) + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1));
                diagonal = above;
            }
        }

        return row[^1];
    }
}
