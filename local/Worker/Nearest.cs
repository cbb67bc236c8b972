namespace Pipeline.Local.Worker;

/// <summary>The known name that is most like a misspelt one.</summary>
internal static class Nearest
{
    /// <summary>One that the name begins, or else the one that takes the fewest changes.</summary>
    public static string To(string name, IEnumerable<string> known) => known.MinBy(k =>
        (k.StartsWith(name, StringComparison.OrdinalIgnoreCase) ? 0 : name.Length) + Distance(name.ToUpperInvariant(), k.ToUpperInvariant()))!;

    /// <summary>Levenshtein's: insertions, deletions and replacements that make one of the other.</summary>
    private static int Distance(string a, string b)
    {
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
