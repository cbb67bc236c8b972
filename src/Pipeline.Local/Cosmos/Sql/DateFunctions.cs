namespace Pipeline.Local.Cosmos.Sql;

/// <summary>Functions of times, which are texts as <c>2020-07-09T23:20:13.4575530Z</c>, milliseconds or ticks of 100 ns since 1970.</summary>
internal static class DateFunctions
{
    private const string Format = "yyyy-MM-ddTHH:mm:ss.fffffffZ";
    private static readonly string[] Formats = ["yyyy-MM-dd", "yyyy-MM-ddTHH:mmK", "yyyy-MM-ddTHH:mm:ssK", "yyyy-MM-ddTHH:mm:ss.FFFFFFFK"];

    public static readonly SqlFunction[] All =
    [
        new("GETCURRENTDATETIME", 0, 0, (_, row) => Text(row.Now.UtcDateTime)),
        new("GETCURRENTDATETIMESTATIC", 0, 0, (_, row) => Text(row.Now.UtcDateTime)),
        new("GETCURRENTTIMESTAMP", 0, 0, (_, row) => SqlValue.Of((double)row.Now.ToUnixTimeMilliseconds())),
        new("GETCURRENTTIMESTAMPSTATIC", 0, 0, (_, row) => SqlValue.Of((double)row.Now.ToUnixTimeMilliseconds())),
        new("GETCURRENTTICKS", 0, 0, (_, row) => Ticks(row.Now.UtcDateTime)),
        new("GETCURRENTTICKSSTATIC", 0, 0, (_, row) => Ticks(row.Now.UtcDateTime)),
        new("DATETIMETOTICKS", 1, 1, a => Parse(a[0]) is { } time ? Ticks(time) : default),
        new("DATETIMETOTIMESTAMP", 1, 1, a => Parse(a[0]) is { } time ? SqlValue.Of(Math.Floor((time - DateTime.UnixEpoch).Ticks / (double)TimeSpan.TicksPerMillisecond)) : default),
        new("TICKSTODATETIME", 1, 1, a => Integer(a[0]) is { } ticks ? OfTicks(ticks) : default),
        new("TIMESTAMPTODATETIME", 1, 1, a => Integer(a[0]) is { } milliseconds ? OfTicks(milliseconds * TimeSpan.TicksPerMillisecond) : default),
        new("DATETIMEADD", 3, 3, Add),
        new("DATETIMEDIFF", 3, 3, Difference),
        new("DATETIMEPART", 2, 2, a => Parse(a[1]) is { } time && DatePart.Find(a[0]) is { } part ? SqlValue.Of((double)part.In(time)) : default),
        new("DATETIMEBIN", 2, 4, Bin),
        new("DATETIMEFROMPARTS", 3, 7, FromParts),
    ];

    private static DateTime? Parse(in SqlValue value) =>
        value.Type == SqlType.String && DateTime.TryParseExact(
            value.Text, Formats, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal | DateTimeStyles.AssumeUniversal, out var time)
            ? time
            : null;

    private static SqlValue Text(DateTime time) => SqlValue.Of(time.ToString(Format, CultureInfo.InvariantCulture));

    private static SqlValue Ticks(DateTime time) => SqlValue.Of((double)(time - DateTime.UnixEpoch).Ticks);

    private static double? Integer(in SqlValue value) =>
        value.Type == SqlType.Number && value.Number == Math.Floor(value.Number) && double.IsFinite(value.Number) ? value.Number : null;

    /// <param name="ticks">Since 1970; before or behind what a time can be, the result is undefined.</param>
    private static SqlValue OfTicks(double ticks)
    {
        var all = ticks + DateTime.UnixEpoch.Ticks;
        return all >= 0 && all <= DateTime.MaxValue.Ticks
            ? Text(new DateTime((long)ticks + DateTime.UnixEpoch.Ticks, DateTimeKind.Utc))
            : SqlValue.Undefined;
    }

    private static SqlValue Add(SqlValue[] arguments)
    {
        if (DatePart.Find(arguments[0]) is not { } part || Integer(arguments[1]) is not { } number || Parse(arguments[2]) is not { } time)
            return SqlValue.Undefined;
        return part.Add(time, number) is { } sum ? Text(sum) : SqlValue.Undefined;
    }

    private static SqlValue Difference(SqlValue[] arguments) =>
        DatePart.Find(arguments[0]) is { } part && Parse(arguments[1]) is { } start && Parse(arguments[2]) is { } end
            ? SqlValue.Of(part.Boundaries(start, end))
            : SqlValue.Undefined;

    /// <summary>The begin of the bin that a time is in; bins have whole multiples of a part from a start.</summary>
    private static SqlValue Bin(SqlValue[] arguments)
    {
        var size = arguments.Length > 2 ? Integer(arguments[2]) : 1;
        var start = arguments.Length > 3 ? Parse(arguments[3]) : DateTime.UnixEpoch;
        if (Parse(arguments[0]) is not { } time || DatePart.Find(arguments[1]) is not { Ticks: { } unit } || size is not > 0 || start is not { } from)
            return SqlValue.Undefined;
        var width = Math.Max(1, unit * size.Value);
        return OfTicks((from - DateTime.UnixEpoch).Ticks + Math.Floor((time - from).Ticks / width) * width);
    }

    /// <summary>Year, month, day, hour, minute, second, and 100 ns.</summary>
    private static SqlValue FromParts(SqlValue[] arguments)
    {
        var parts = new int[7];
        for (var i = 0; i < arguments.Length; i++)
        {
            if (Integer(arguments[i]) is not (>= 0 and <= 9_999_999 and var part))
                return SqlValue.Undefined;
            parts[i] = (int)part;
        }

        if (parts[0] is < 1 or > 9999 || parts[1] is < 1 or > 12 || parts[2] < 1 || parts[2] > DateTime.DaysInMonth(parts[0], parts[1])
            || parts[3] > 23 || parts[4] > 59 || parts[5] > 59)
            return SqlValue.Undefined;
        return Text(new DateTime(parts[0], parts[1], parts[2], parts[3], parts[4], parts[5], DateTimeKind.Utc).AddTicks(parts[6]));
    }
}
