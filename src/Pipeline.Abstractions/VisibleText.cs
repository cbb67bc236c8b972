using System.Text;

namespace Pipeline;

/// <summary>
/// Text from outside, made safe to show: what a terminal or a log would obey instead of showing it is written out, as
/// JSON escapes it. Compiled into the CLI and the local host too, which share no assembly with the pipeline.
/// </summary>
#pragma warning disable IDE0040 // Public in the pipeline, where another part says so; internal where this file is linked.
static partial class VisibleText
#pragma warning restore IDE0040
{
    /// <summary>More marks on one letter than any script needs only serve to cover the lines around it.</summary>
    private const int MostMarks = 5;

    /// <summary>The text with everything hidden written out, such as <c>\u001b</c>; line feeds and tabs too.</summary>
    public static string Escape(string text) => Escape(text, keepsLines: false);

    /// <summary>Like <see cref="Escape(string)"/>, but line feeds, with a carriage return before them or not, and tabs stay: for whole documents.</summary>
    public static string EscapeLines(string text) => Escape(text, keepsLines: true);

    /// <summary>What is hidden in a name or reason, to continue after its name; <see langword="null"/> if nothing is.</summary>
    public static string? HiddenCharacterError(string? text)
    {
        if (text is null || FirstHidden(text, 0, keepsLines: false, out var length) is var at && at < 0)
            return null;
        var code = length == 2 ? char.ConvertToUtf32(text, at) : text[at];
        return string.Create(
            CultureInfo.InvariantCulture,
            $"has the character U+{code:X4} at position {at + 1}, which is not shown, or changes how other text is shown; leave it out");
    }

    private static string Escape(string text, bool keepsLines)
    {
        var at = FirstHidden(text, 0, keepsLines, out var length);
        if (at < 0)
            return text;
        var escaped = new StringBuilder(text.Length + 16);
        var from = 0;
        while (at >= 0)
        {
            escaped.Append(text, from, at - from);
            foreach (var c in text.AsSpan(at, length))
                escaped.Append("\\u").Append(((int)c).ToString("x4", CultureInfo.InvariantCulture));
            from = at + length;
            at = FirstHidden(text, from, keepsLines, out length);
        }

        return escaped.Append(text, from, text.Length - from).ToString();
    }

    /// <summary>Where the first hidden character is from a place on, and of how many <see cref="char"/>s; -1 if there is none.</summary>
    private static int FirstHidden(string text, int from, bool keepsLines, out int length)
    {
        length = 1;
        var plain = text.AsSpan(from).IndexOfAnyExceptInRange(' ', '~');
        if (plain < 0)
            return -1;
        var marks = MarksBefore(text, from + plain);
        for (var at = from + plain; at < text.Length; at += length)
        {
            if (Rune.DecodeFromUtf16(text.AsSpan(at), out var rune, out length) != System.Buffers.OperationStatus.Done)
                return at; // Half a character.
            var isMark = IsMark(rune);
            marks = isMark ? marks + 1 : 0;
            if ((IsHidden(rune) && !(keepsLines && IsLayout(text, at))) || marks > MostMarks)
                return at;
        }

        return -1;
    }

    /// <summary>The marks that end right before a place: the search may have stopped among them.</summary>
    private static int MarksBefore(string text, int at)
    {
        var marks = 0;
        while (at > 0 && marks <= MostMarks && Rune.DecodeLastFromUtf16(text.AsSpan(0, at), out var rune, out var length) == System.Buffers.OperationStatus.Done && IsMark(rune))
        {
            marks++;
            at -= length;
        }

        return marks;
    }

    private static bool IsLayout(string text, int at) => text[at] is '\n' or '\t' || (text[at] == '\r' && at + 1 < text.Length && text[at + 1] == '\n');

    private static bool IsMark(Rune rune) => !rune.IsAscii && Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark;

    private static bool IsHidden(Rune rune) => Rune.GetUnicodeCategory(rune) switch
    {
        // C0, DEL and C1, which terminals obey; the separators of lines.
        UnicodeCategory.Control or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator => true,

        // Bidirectional controls, zero-width characters, tags. Those that are seen: signs written before Arabic, Syriac and Kaithi numbers.
        UnicodeCategory.Format => rune.Value is not (>= 0x600 and <= 0x605 or 0x6DD or 0x70F or 0x890 or 0x891 or 0x8E2 or 0x110BD or 0x110CD),

        // Letters and marks that have no shape, noncharacters, and the plane of tags and selectors.
        _ => rune.Value is 0x34F or 0x115F or 0x1160 or 0x17B4 or 0x17B5 or 0x3164 or 0xFFA0
            or (>= 0x180B and <= 0x180F) or (>= 0xFDD0 and <= 0xFDEF) or (>= 0xE0000 and <= 0xE0FFF)
            || (rune.Value & 0xFFFE) == 0xFFFE,
    };
}
