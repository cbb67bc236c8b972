using System.Collections.Concurrent;
using System.Text.RegularExpressions;

namespace Pipeline.Local.Cosmos.Sql;

/// <summary>Regular expressions of queries. None can hold up the process: they run in linear time, or against a clock.</summary>
internal static class TextPattern
{
    public const int MaxLength = 2048;
    private const int MaxCached = 100;
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(1);
    private static readonly ConcurrentDictionary<(string Pattern, string Modifiers), Regex> Cache = new();

    /// <summary><c>RegexMatch</c>: undefined unless everything is text; the modifiers are <c>m</c>, <c>s</c>, <c>i</c> and <c>x</c>.</summary>
    public static SqlValue Match(SqlValue[] arguments)
    {
        if (Array.Exists(arguments, argument => argument.Type != SqlType.String))
            return SqlValue.Undefined;
        try
        {
            return SqlValue.Of(Of(arguments[1].Text, arguments.Length == 3 ? arguments[2].Text : "").IsMatch(arguments[0].Text));
        }
        catch (RegexMatchTimeoutException)
        {
            throw new CosmosFailure(400, string.Create(CultureInfo.InvariantCulture, $"The regular expression '{arguments[1].Text}' takes more than {Timeout.TotalSeconds:0} s on one text; simplify it."));
        }
    }

    /// <summary>A regular expression without anything that could take more than linear time.</summary>
    public static Regex Linear(string pattern, RegexOptions options) => new(pattern, options | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);

    private static Regex Of(string pattern, string modifiers)
    {
        if (Cache.TryGetValue((pattern, modifiers), out var found))
            return found;
        if (pattern.Length > MaxLength)
            throw new CosmosFailure(400, $"A regular expression has at most {MaxLength} characters.");
        if (Cache.Count >= MaxCached)
            Cache.Clear();
        return Cache[(pattern, modifiers)] = Compile(pattern, OptionsOf(modifiers));
    }

    private static Regex Compile(string pattern, RegexOptions options)
    {
        try
        {
            try
            {
                return Linear(pattern, options);
            }
            catch (NotSupportedException)
            {
                // It looks around or back, or is large when written out.
                return new Regex(pattern, options | RegexOptions.CultureInvariant, Timeout);
            }
        }
        catch (ArgumentException e)
        {
            throw new CosmosFailure(400, $"The regular expression '{pattern}' is invalid: {e.Message}");
        }
    }

    private static RegexOptions OptionsOf(string modifiers)
    {
        var options = RegexOptions.None;
        foreach (var modifier in modifiers)
        {
            options |= modifier switch
            {
                'm' => RegexOptions.Multiline,
                's' => RegexOptions.Singleline,
                'i' => RegexOptions.IgnoreCase,
                'x' => RegexOptions.IgnorePatternWhitespace,
                _ => throw new CosmosFailure(400, $"RegexMatch has the modifiers m, s, i and x, not '{modifier}'."),
            };
        }

        return options;
    }
}
