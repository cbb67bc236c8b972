using Spectre.Console;

namespace Pipeline.Cli;

/// <summary>Breaks text into lines at its spaces. Words, and commands of this tool, are never broken, so that ids, numbers and times can be copied.</summary>
internal static class WordWrap
{
    /// <param name="text">One line, as long as it may be; spaces at its start indent all lines.</param>
    /// <param name="width">Columns that there are. A word that is longer has a line of its own.</param>
    /// <param name="hanging">By how much more the second and later lines are indented.</param>
    public static IEnumerable<string> Lines(string text, int width, int hanging = 0)
    {
        if (text.GetCellWidth() <= width)
        {
            yield return text;
            yield break;
        }

        var indent = text.Length - text.TrimStart(' ').Length;
        var next = new string(' ', indent + hanging);
        var line = new string(' ', indent);
        var isEmpty = true;
        foreach (var (gap, word) in Words(text[indent..]))
        {
            if (!isEmpty && line.GetCellWidth() + gap + word.GetCellWidth() > width)
            {
                yield return line;
                (line, isEmpty) = (next, true);
            }

            line += (isEmpty ? "" : new string(' ', gap)) + word;
            isEmpty = false;
        }

        yield return line;
    }

    /// <summary>Columns that the longest word takes.</summary>
    public static int LongestWord(string text) => Words(text).Select(word => word.Word.GetCellWidth()).DefaultIfEmpty().Max();

    /// <summary>The words, each with the number of spaces before it.</summary>
    private static IEnumerable<(int Gap, string Word)> Words(string text)
    {
        for (var at = 0; at < text.Length;)
        {
            var start = at;
            while (start < text.Length && text[start] == ' ')
                start++;
            if (start == text.Length)
                yield break;
            var end = EndOfWord(text, start);
            while (end + 1 < text.Length && text[end] == ' ' && BelongsTo(text[start..end], text, end + 1) is > 0 and var more)
                end += 1 + more;
            yield return (start - at, text[start..end]);
            at = end;
        }
    }

    /// <summary>Gets the number of following characters that belong to a word: the unit of a number, the time of a day; 0 if none.</summary>
    private static int BelongsTo(string word, string text, int from)
    {
        if (!char.IsAsciiDigit(word[^1]))
            return 0;
        var space = text.IndexOf(' ', from);
        var next = text[from..(space < 0 ? text.Length : space)];
        var isUnit = next.TrimEnd('.', ',', ';', ':', ')') is "ms" or "s" or "min" or "h" or "days" or "%" or "MB" or "KB";
        var isTime = word.Length >= 10 && word[^3] == '-' && next.Length > 2 && char.IsAsciiDigit(next[0]) && next.Contains(':', StringComparison.Ordinal);
        return isUnit || isTime ? next.Length : 0;
    }

    private static int EndOfWord(string text, int start)
    {
        var isQuoted = text[start] == '\'';
        if (string.CompareOrdinal(text, isQuoted ? start + 1 : start, Wording.Tool + " ", 0, Wording.Tool.Length + 1) == 0)
        {
            var end = text.IndexOf(isQuoted ? "'" : "  ", start + 1, StringComparison.Ordinal);
            if (!isQuoted || end < 0)
                return end < 0 ? text.Length : end;
            start = end;
        }

        var space = text.IndexOf(' ', start);
        return space < 0 ? text.Length : space;
    }
}
