using System.Buffers;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Pipeline.Contracts;

/// <summary>
/// What a field may hold beyond its type. Declared once, at the record: the JSON Schema is made of it, and so is the check
/// at run time. At a list it is about the items.
/// </summary>
[AttributeUsage(AttributeTargets.Parameter | AttributeTargets.Property)]
public abstract class ConstraintAttribute : Attribute
{
    private protected ConstraintAttribute()
    {
    }

    /// <summary>What is wrong with a value, to go on after its path; <see langword="null"/> if nothing is.</summary>
    internal abstract string? WhatIsWrongWith(object value);

    /// <summary>The keywords of JSON Schema that say the same, each with its value as JSON.</summary>
    internal abstract IEnumerable<(string Keyword, string Json)> Keywords();
}

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

        // Two chars may be one character; counting is only needed where that could matter.
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

        // $ would let a line feed follow. Linear time, whatever a text is made of.
        return new Regex(pattern[..^1] + @"\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);
    }
}

/// <summary>A text that is one of some words.</summary>
public sealed class OneOfAttribute(params string[] words) : ConstraintAttribute
{
    internal override string? WhatIsWrongWith(object value) =>
        words.Contains((string)value, StringComparer.Ordinal) ? null : $"is none of {string.Join(", ", words)}";

    internal override IEnumerable<(string Keyword, string Json)> Keywords() => [("enum", $"[{string.Join(",", words.Select(SchemaText.Quote))}]")];
}

/// <summary>A day of the calendar, from the year 1000 to 2999, as a text: <c>yyyy-MM-dd</c>.</summary>
public sealed class DayAttribute : ConstraintAttribute
{
    internal override string? WhatIsWrongWith(object value) =>
        value is string { Length: 10 } text && text[0] is '1' or '2' && DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _)
            ? null
            : "is no day such as 2026-12-31";

    internal override IEnumerable<(string Keyword, string Json)> Keywords() =>
        [("format", "\"date\""), ("pattern", SchemaText.Quote("^[12][0-9]{3}-[0-9]{2}-[0-9]{2}$"))];
}

/// <summary>Limits of a number, both allowed. Whole numbers stay within what JavaScript counts exactly (RFC 7493, section 2.2).</summary>
public class NumberAttribute : ConstraintAttribute
{
    private const double MostExact = 9007199254740991;
    private readonly decimal _min;
    private readonly decimal _max;

    /// <param name="min">The least.</param>
    /// <param name="max">The most.</param>
    public NumberAttribute(double min, double max)
    {
        if (!(min <= max && min >= -MostExact && max <= MostExact))
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture,
                $"A number from {min} to {max} cannot be exchanged safely; stay within {-MostExact} and {MostExact}."), nameof(max));
        (_min, _max) = (Exact(min), Exact(max));
    }

    /// <summary>The conversion itself keeps 15 digits only.</summary>
    private static decimal Exact(double value) => double.IsInteger(value) ? (long)value : (decimal)value;

    internal override string? WhatIsWrongWith(object value)
    {
        var number = value switch
        {
            int small => small,
            long large => large,
            _ => (decimal)value,
        };
        return number >= _min && number <= _max ? null : string.Create(CultureInfo.InvariantCulture, $"{number} is not between {_min} and {_max}");
    }

    internal override IEnumerable<(string Keyword, string Json)> Keywords() =>
        [("minimum", _min.ToString(CultureInfo.InvariantCulture)), ("maximum", _max.ToString(CultureInfo.InvariantCulture))];
}

/// <summary>How many items a list may have. What each may hold is said by another constraint beside it, or by its own record.</summary>
/// <param name="min">Fewest; 0 or more.</param>
/// <param name="max">Most.</param>
[AttributeUsage(AttributeTargets.Parameter | AttributeTargets.Property)]
public sealed class ItemsAttribute(int min, int max) : Attribute
{
    internal string? WhatIsWrongWith(int count) => count >= min && count <= max
        ? null
        : string.Create(CultureInfo.InvariantCulture, $"has {count} items; {min} to {max} are allowed");

    internal IEnumerable<(string Keyword, string Json)> Keywords()
    {
        if (min > 0)
            yield return ("minItems", min.ToString(CultureInfo.InvariantCulture));
        yield return ("maxItems", max.ToString(CultureInfo.InvariantCulture));
    }
}
