using System.Buffers;
using System.Text.RegularExpressions;

namespace Pipeline.Contracts;

/// <summary>Limits of a text.</summary>
/// <param name="min">Fewest characters (Unicode code points, as JSON Schema counts); 0 or more.</param>
/// <param name="max">Most characters.</param>
/// <param name="chars">Which characters: ASCII letters, digits and <c>. _ ~ / : + -</c>, with ranges such as <c>A-Z</c>; a hyphen comes last. <see langword="null"/> for all.</param>
/// <param name="pattern">A regular expression that is the same in .NET and in JavaScript, from <c>^</c> to <c>$</c>, instead of <paramref name="chars"/>.</param>
public class TextAttribute(int min, int max, string? chars = null, string? pattern = null) : ConstraintAttribute
{
    private readonly SearchValues<char>? _allowed = chars is null ? null : SearchValues.Create(Expand(chars));
    private readonly Regex? _pattern = pattern is null ? null : Compile(pattern);

    internal override string? WhatIsWrongWith(object value)
    {
        var text = (string)value;

        // Two chars can be one character; counting is needed only where it makes a difference.
        var length = text.Length > max || text.Length < 2 * min ? Length(text) : text.Length;
        if (length < min || length > max)
            return length == 0
                ? "is empty"
                : string.Create(CultureInfo.InvariantCulture, $"has {length} characters; {min} to {max} are allowed");
        if (_allowed is not null && text.AsSpan().IndexOfAnyExcept(_allowed) is >= 0 and var at)
            return string.Create(CultureInfo.InvariantCulture, $"has the character {Name(text[at])} at {at}; only '{chars}' are allowed");
        if (_pattern is not null && !_pattern.IsMatch(text))
            return $"does not look like {pattern}";
        return null;
    }

    internal override IEnumerable<(string Keyword, string Json)> Keywords()
    {
        if (min > 0)
            yield return ("minLength", Number(min));
        yield return ("maxLength", Number(max));
        if ((chars is null ? pattern : $"^[{chars}]*$") is { } regex)
            yield return ("pattern", SchemaText.Quote(regex));
    }

    private protected static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Name(char c) => c is > ' ' and <= '~' ? $"'{c}'" : $"U+{(int)c:X4}";

    private static int Length(string text)
    {
        var length = text.Length;
        for (var i = 1; i < text.Length; i++)
        {
            if (char.IsSurrogatePair(text[i - 1], text[i]))
                length--;
        }

        return length;
    }

    private static string Expand(string chars)
    {
        var all = new List<char>();
        for (var i = 0; i < chars.Length; i++)
        {
            if (!char.IsAsciiLetterOrDigit(chars[i]) && !"._~/:+-".Contains(chars[i], StringComparison.Ordinal))
                throw new ArgumentException($"The character '{chars[i]}' cannot be in the set '{chars}'; use a pattern.", nameof(chars));
            if (i + 2 < chars.Length && chars[i + 1] == '-')
            {
                for (var c = chars[i]; c <= chars[i + 2]; c++)
                    all.Add(c);
                i += 2;
            }
            else if (chars[i] == '-' && i != chars.Length - 1)
            {
                throw new ArgumentException($"A hyphen that means itself comes last in '{chars}'.", nameof(chars));
            }
            else
            {
                all.Add(chars[i]);
            }
        }

        return string.Concat(all);
    }

    private static Regex Compile(string pattern)
    {
        if (!pattern.StartsWith('^') || !pattern.EndsWith('$') || pattern.Contains('\\', StringComparison.Ordinal) || pattern.Any(c => c is < ' ' or > '~'))
            throw new ArgumentException($"The pattern '{pattern}' may mean something else in JavaScript; write it from ^ to $, in ASCII and without backslashes.", nameof(pattern));

        // $ would allow a trailing line feed. Linear time for every text.
        return new Regex(pattern[..^1] + @"\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);
    }
}
