using System.Collections.Concurrent;
using System.Text;
using System.Text.RegularExpressions;

namespace Pipeline.Local.Cosmos.Sql;

/// <summary>A pattern of LIKE as a regular expression whose time is in proportion to the text.</summary>
internal sealed class LikePattern
{
    /// <summary>Patterns that are not literals.</summary>
    private const int MaxCached = 100;
    private static readonly ConcurrentDictionary<(string Pattern, char? Escape), LikePattern> Cache = new();

    private readonly Regex _regex;

    public LikePattern(string pattern, char? escape)
    {
        if (pattern.Length > TextPattern.MaxLength)
            throw new CosmosFailure(400, $"A pattern of LIKE has at most {TextPattern.MaxLength} characters.");
        var regex = new StringBuilder("^");
        var prefix = new StringBuilder();
        var isPrefix = true;
        for (var at = 0; at < pattern.Length;)
        {
            var c = pattern[at++];
            if (c == escape && at < pattern.Length)
            {
                c = pattern[at++];
            }
            else if (c is '%' or '_')
            {
                isPrefix = false;
                if (c == '_')
                    regex.Append('.');
                else if (!regex.ToString().EndsWith(".*", StringComparison.Ordinal))
                    regex.Append(".*");
                continue;
            }
            else if (c == '[' && pattern.IndexOf(']', at) is var end && end > at)
            {
                isPrefix = false;
                AppendSet(regex, pattern.AsSpan(at, end - at));
                at = end + 1;
                continue;
            }

            regex.Append(Regex.Escape(c.ToString()));
            if (isPrefix)
                prefix.Append(c);
        }

        Prefix = prefix.ToString();
        _regex = TextPattern.Linear(regex.Append('$').Replace("$", "\\z", regex.Length - 1, 1).ToString(), RegexOptions.Singleline);
    }

    /// <summary>What every match begins with.</summary>
    public string Prefix { get; }

    public static LikePattern Of(string pattern, char? escape)
    {
        if (Cache.TryGetValue((pattern, escape), out var found))
            return found;
        if (Cache.Count >= MaxCached)
            Cache.Clear();
        return Cache[(pattern, escape)] = new(pattern, escape);
    }

    public bool IsMatch(string text) => _regex.IsMatch(text);

    private static void AppendSet(StringBuilder regex, ReadOnlySpan<char> set)
    {
        regex.Append('[');
        for (var i = 0; i < set.Length; i++)
        {
            // A hyphen between two characters is a range, and a ^ in front turns the set round.
            var isOperator = (set[i] == '^' && i == 0 && set.Length > 1) || (set[i] == '-' && i > 0 && i < set.Length - 1);
            if (!isOperator && set[i] is '\\' or ']' or '[' or '^' or '-')
                regex.Append('\\');
            regex.Append(set[i]);
        }

        regex.Append(']');
    }
}
