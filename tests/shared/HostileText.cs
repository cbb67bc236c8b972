using System.Text;
using System.Text.RegularExpressions;

namespace Pipeline.Tests;

/// <summary>Text that holds what a terminal would obey, or a reader would not see.</summary>
internal static partial class HostileText
{
    /// <summary>Escape sequences of 7 and 8 bits, line breaks of all kinds, bidirectional controls, zero width, tags, markup, and a heap of marks.</summary>
    public const string Text =
        "\u001b]0;owned\u0007\u001bc\u009b31m\u0000\b\r\v\f\u007f\u0085\n12:00:00 error: forged\t\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
        + "\u200e\u200f\u061c\u200b\u200c\u200d\u2060\ufeff\u00ad\u180e\U000e0041\uffff[red]a\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u0301[/][";

    /// <summary>Where something is shown that must not be; only the drawing's own sequences are taken out before.</summary>
    public static IEnumerable<string> FoundIn(string shown)
    {
        shown = Drawing().Replace(shown, "");
        var marks = 0;
        for (var at = 0; at < shown.Length;)
        {
            if (!Rune.TryGetRuneAt(shown, at, out var rune))
            {
                yield return Invariant($"half a character at {at}");
                at++;
                continue;
            }

            marks = Rune.GetUnicodeCategory(rune) == System.Globalization.UnicodeCategory.NonSpacingMark ? marks + 1 : 0;
            var isLayout = rune.Value is '\n' or '\t' || (rune.Value == '\r' && at + 1 < shown.Length && shown[at + 1] == '\n');
            var isSeen = Rune.GetUnicodeCategory(rune) is not (System.Globalization.UnicodeCategory.Control or System.Globalization.UnicodeCategory.Format
                or System.Globalization.UnicodeCategory.LineSeparator or System.Globalization.UnicodeCategory.ParagraphSeparator) && (rune.Value & 0xFFFE) != 0xFFFE;
            if ((!isSeen && !isLayout) || marks > 6)
                yield return Invariant($"U+{rune.Value:X4} at {at}: ...{shown[Math.Max(0, at - 30)..at]}");
            at += rune.Utf16SequenceLength;
        }
    }

    /// <summary>What Spectre.Console writes: styles, and moves of the cursor.</summary>
    [GeneratedRegex("\r?\u001b\\[[0-9;?]*[a-zA-Z]")]
    private static partial Regex Drawing();
}
