namespace Pipeline.Local.Cosmos.Sql;

/// <summary>Functions of texts. Lengths and places count UTF-16 code units.</summary>
internal static class StringFunctions
{
    private const int MaxReplicated = 10_000;

    public static readonly SqlFunction[] All =
    [
        Test(SqlFunction.StartsWith, (text, part, comparison) => text.StartsWith(part, comparison)),
        Test("ENDSWITH", (text, part, comparison) => text.EndsWith(part, comparison)),
        Test("CONTAINS", (text, part, comparison) => text.Contains(part, comparison)),
        Test("STRINGEQUALS", (text, other, comparison) => text.Equals(other, comparison)),
        new("CONCAT", 2, SqlFunction.Any, Concat),
        new("INDEX_OF", 2, 3, IndexOf),
        new("LEFT", 2, 2, a => Part(a[0], SqlValue.Of(0.0), a[1])),
        new("RIGHT", 2, 2, Right),
        new("SUBSTRING", 3, 3, a => Part(a[0], a[1], a[2])),
        Of("LENGTH", text => SqlValue.Of((double)text.Length)),
        Of("LOWER", text => SqlValue.Of(text.ToLowerInvariant())),
        Of("UPPER", text => SqlValue.Of(text.ToUpperInvariant())),
        Of("REVERSE", Reverse),
        new("LTRIM", 1, 2, a => Trim(a, atStart: true, atEnd: false)),
        new("RTRIM", 1, 2, a => Trim(a, atStart: false, atEnd: true)),
        new("TRIM", 1, 2, a => Trim(a, atStart: true, atEnd: true)),
        new("REPLACE", 3, 3, Replace),
        new("REPLICATE", 2, 2, Replicate),
        new("REGEXMATCH", 2, 3, TextPattern.Match),
        new("STRINGJOIN", 2, 2, Join),
        new("STRINGSPLIT", 2, 2, a => AreTexts(a) && a[1].Text.Length > 0 ? JsonBuilder.ArrayOf(a[0].Text.Split(a[1].Text).Select(SqlValue.Of)) : default),
    ];

    public static SqlValue Concat(SqlValue[] arguments)
    {
        if (!AreTexts(arguments))
            return SqlValue.Undefined;
        CheckLength(arguments.Sum(argument => (long)argument.Text.Length));
        return SqlValue.Of(string.Concat(arguments.Select(argument => argument.Text)));
    }

    private static bool AreTexts(SqlValue[] arguments) => Array.TrueForAll(arguments, argument => argument.Type == SqlType.String);

    private static void CheckLength(long length)
    {
        if (length > JsonBuilder.MaxBytes)
            throw JsonBuilder.TooLarge();
    }

    private static SqlFunction Of(string name, Func<string, SqlValue> function) =>
        new(name, 1, 1, a => a[0].Type == SqlType.String ? function(a[0].Text) : SqlValue.Undefined);

    /// <summary>A test of two texts, which may ignore their case.</summary>
    private static SqlFunction Test(string name, Func<string, string, StringComparison, bool> test) => new(name, 2, 3, a =>
    {
        if (a[0].Type != SqlType.String || a[1].Type != SqlType.String || (a.Length == 3 && a[2].Type != SqlType.Boolean))
            return SqlValue.Undefined;
        return SqlValue.Of(test(a[0].Text, a[1].Text, a.Length == 3 && a[2].IsTrue ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal));
    });

    private static SqlValue IndexOf(SqlValue[] arguments)
    {
        if (!AreTexts(arguments[..2]) || (arguments.Length == 3 && !IsInteger(arguments[2])))
            return SqlValue.Undefined;
        var start = arguments.Length == 3 ? Math.Max(0, arguments[2].Number) : 0;
        var text = arguments[0].Text;
        return SqlValue.Of(start > text.Length ? -1.0 : text.IndexOf(arguments[1].Text, (int)start, StringComparison.Ordinal));
    }

    private static bool IsInteger(in SqlValue value) => value.Type == SqlType.Number && value.Number == Math.Floor(value.Number) && double.IsFinite(value.Number);

    /// <summary>What lies outside the text is left out.</summary>
    private static SqlValue Part(in SqlValue text, in SqlValue start, in SqlValue length)
    {
        if (text.Type != SqlType.String || !IsInteger(start) || !IsInteger(length))
            return SqlValue.Undefined;
        var from = (int)Math.Clamp(start.Number, 0, text.Text.Length);
        return SqlValue.Of(text.Text.Substring(from, (int)Math.Clamp(length.Number, 0, text.Text.Length - from)));
    }

    private static SqlValue Right(SqlValue[] arguments)
    {
        if (arguments[0].Type != SqlType.String || !IsInteger(arguments[1]))
            return SqlValue.Undefined;
        var text = arguments[0].Text;
        return SqlValue.Of(text[^(int)Math.Clamp(arguments[1].Number, 0, text.Length)..]);
    }

    private static SqlValue Reverse(string text)
    {
        var characters = text.ToCharArray();
        Array.Reverse(characters);
        return SqlValue.Of(new string(characters));
    }

    /// <summary>Takes white space away, or every occurrence of a text.</summary>
    private static SqlValue Trim(SqlValue[] arguments, bool atStart, bool atEnd)
    {
        if (!AreTexts(arguments))
            return SqlValue.Undefined;
        var text = arguments[0].Text.AsSpan();
        if (arguments.Length == 1)
            return SqlValue.Of((atStart ? atEnd ? text.Trim() : text.TrimStart() : text.TrimEnd()).ToString());
        var part = arguments[1].Text;
        while (atStart && part.Length > 0 && text.StartsWith(part, StringComparison.Ordinal))
            text = text[part.Length..];
        while (atEnd && part.Length > 0 && text.EndsWith(part, StringComparison.Ordinal))
            text = text[..^part.Length];
        return SqlValue.Of(text.ToString());
    }

    private static SqlValue Replace(SqlValue[] arguments)
    {
        if (!AreTexts(arguments) || arguments[1].Text.Length == 0)
            return SqlValue.Undefined;
        var (text, part, replacement) = (arguments[0].Text, arguments[1].Text, arguments[2].Text);
        // At most every part is replaced.
        if (replacement.Length > part.Length)
            CheckLength(text.Length + (long)(text.Length / part.Length) * (replacement.Length - part.Length));
        return SqlValue.Of(text.Replace(part, replacement, StringComparison.Ordinal));
    }

    private static SqlValue Replicate(SqlValue[] arguments)
    {
        if (arguments[0].Type != SqlType.String || !IsInteger(arguments[1]) || arguments[1].Number < 0)
            return SqlValue.Undefined;
        var text = arguments[0].Text;
        return text.Length * arguments[1].Number > MaxReplicated || arguments[1].Number > MaxReplicated
            ? SqlValue.Undefined
            : SqlValue.Of(string.Concat(Enumerable.Repeat(text, (int)arguments[1].Number)));
    }

    private static SqlValue Join(SqlValue[] arguments)
    {
        if (arguments[0].Type != SqlType.Array || arguments[1].Type != SqlType.String)
            return SqlValue.Undefined;
        var parts = arguments[0].Json.EnumerateArray().Select(SqlValue.Of).ToArray();
        if (!AreTexts(parts))
            return SqlValue.Undefined;
        CheckLength(parts.Sum(part => (long)part.Text.Length) + (long)parts.Length * arguments[1].Text.Length);
        return SqlValue.Of(string.Join(arguments[1].Text, parts.Select(part => part.Text)));
    }
}
