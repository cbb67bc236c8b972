using System.Diagnostics.CodeAnalysis;

namespace Pipeline.CloudEvents;

/// <summary>
/// The one reader of points in time: a <c>date-time</c> of <see href="https://www.rfc-editor.org/rfc/rfc3339#section-5.6">RFC 3339,
/// section 5.6</see>, complete, with its offset. Nothing is guessed: no local time, no missing part, no other order of the parts.
/// </summary>
public static class Rfc3339
{
    /// <summary>What the help of a command or an error says about a point in time.</summary>
    public const string Expected = "a time with its offset such as 2026-01-31T08:00:00Z (RFC 3339)";

    /// <summary>As <see cref="Expected"/>, where a date will do.</summary>
    public const string DateOrTimeExpected = Expected + ", or a date such as 2026-01-31, which is its midnight in UTC";

    private const int DateLength = 10;
    private const int SecondsEnd = 19;
    private const int MaxOffsetKeptMinutes = 14 * 60;
    private const int DigitsKept = 7;

    /// <summary>Reads a date-time.</summary>
    /// <param name="text">
    /// <c>T</c> and <c>Z</c> may be lower case. A fraction of a second may have any number of digits: what is finer than 100 ns is
    /// cut off. A leap second, 23:59:60 UTC at the end of a month, is read as the last 100 ns of that day.
    /// </param>
    /// <param name="time">The time; with its offset where that is at most 14 hours, in UTC where it is more.</param>
    /// <returns>Whether it is one, and within the years 0001 to 9999 in UTC.</returns>
    public static bool TryRead([NotNullWhen(true)] string? text, out DateTimeOffset time)
    {
        time = default;
        if (text is null
            || text.Length <= SecondsEnd
            || !TryReadDate(text.AsSpan(0, DateLength), out var date)
            || text[DateLength] is not ('T' or 't')
            || !TryReadClock(text.AsSpan(DateLength + 1, 8), out var hour, out var minute, out var second))
            return false;
        var rest = text.AsSpan(SecondsEnd);
        if (!TryReadFraction(ref rest, out var fraction) || !TryReadOffset(rest, out var offsetMinutes))
            return false;
        var isLeap = second == 60;
        var ticks = date.ToDateTime(new TimeOnly(hour, minute, isLeap ? 59 : second)).Ticks + (isLeap ? TimeSpan.TicksPerSecond - 1 : fraction);
        var utc = ticks - (offsetMinutes * TimeSpan.TicksPerMinute);
        if (utc < DateTime.MinValue.Ticks || utc > DateTime.MaxValue.Ticks || (isLeap && !IsEndOfMonth(utc)))
            return false;
        time = Math.Abs(offsetMinutes) <= MaxOffsetKeptMinutes
            ? new DateTimeOffset(ticks, TimeSpan.FromMinutes(offsetMinutes))
            : new DateTimeOffset(utc, TimeSpan.Zero);
        return true;
    }

    /// <summary>Reads a date-time, or a date of ISO 8601 (<c>yyyy-MM-dd</c>), which means its midnight in UTC: for what people select by.</summary>
    /// <param name="text">The text.</param>
    /// <param name="time">The time.</param>
    /// <returns>Whether it is one of both.</returns>
    public static bool TryReadDateOrTime([NotNullWhen(true)] string? text, out DateTimeOffset time)
    {
        if (text is null || text.Length != DateLength || !TryReadDate(text, out var date))
            return TryRead(text, out time);
        time = new DateTimeOffset(date.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero);
        return true;
    }

    /// <summary>Reads a date of ISO 8601: <c>yyyy-MM-dd</c>, from the year 0001.</summary>
    /// <param name="text">The text.</param>
    /// <param name="date">The day.</param>
    /// <returns>Whether it is one.</returns>
    public static bool TryReadDate(ReadOnlySpan<char> text, out DateOnly date)
    {
        date = default;
        if (text.Length != DateLength || text[4] != '-' || text[7] != '-'
            || !TryReadDigits(text[..4], out var year) || !TryReadDigits(text[5..7], out var month) || !TryReadDigits(text[8..], out var day)
            || year < 1 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month))
            return false;
        date = new DateOnly(year, month, day);
        return true;
    }

    /// <summary>Writes a time in UTC, as short as it goes: <c>2026-12-01T00:00:00Z</c>.</summary>
    /// <param name="time">The time.</param>
    public static string Write(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture);

    private static bool TryReadClock(ReadOnlySpan<char> text, out int hour, out int minute, out int second)
    {
        (hour, minute, second) = (0, 0, 0);
        return text[2] == ':' && text[5] == ':'
            && TryReadDigits(text[..2], out hour) && hour <= 23
            && TryReadDigits(text[3..5], out minute) && minute <= 59
            && TryReadDigits(text[6..8], out second) && second <= 60;
    }

    private static bool TryReadFraction(ref ReadOnlySpan<char> rest, out long ticks)
    {
        ticks = 0;
        if (rest[0] != '.')
            return true;
        var digits = rest[1..].IndexOfAnyExceptInRange('0', '9');
        if (digits < 1)
            return false;
        for (var i = 0; i < DigitsKept; i++)
            ticks = (ticks * 10) + (i < digits ? rest[1 + i] - '0' : 0);
        rest = rest[(1 + digits)..];
        return true;
    }

    private static bool TryReadOffset(ReadOnlySpan<char> text, out int minutes)
    {
        minutes = 0;
        if (text is "Z" or "z")
            return true;
        if (text.Length != 6 || text[0] is not ('+' or '-') || text[3] != ':'
            || !TryReadDigits(text[1..3], out var hour) || hour > 23
            || !TryReadDigits(text[4..], out var minute) || minute > 59)
            return false;
        minutes = ((hour * 60) + minute) * (text[0] == '-' ? -1 : 1);
        return true;
    }

    /// <summary>Leap seconds are put in at the end of a month in UTC, wherever the time was written.</summary>
    private static bool IsEndOfMonth(long utcTicks)
    {
        var utc = new DateTime(utcTicks, DateTimeKind.Utc);
        return utc is { Hour: 23, Minute: 59 } && utc.Day == DateTime.DaysInMonth(utc.Year, utc.Month);
    }

    private static bool TryReadDigits(ReadOnlySpan<char> text, out int number)
    {
        number = 0;
        foreach (var c in text)
        {
            if (!char.IsAsciiDigit(c))
                return false;
            number = (number * 10) + (c - '0');
        }

        return true;
    }
}
