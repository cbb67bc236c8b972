namespace Pipeline.Local.Cosmos.Sql;

/// <summary>A part of a time, by its names in the language.</summary>
internal sealed class DatePart
{
    private const long NanosecondsPerTick = 100;

    private static readonly DatePart Year = new(null, time => time.Year);
    private static readonly DatePart Month = new(null, time => time.Month);
    private static readonly DatePart Day = new(TimeSpan.TicksPerDay, time => time.Day);
    private static readonly DatePart Hour = new(TimeSpan.TicksPerHour, time => time.Hour);
    private static readonly DatePart Minute = new(TimeSpan.TicksPerMinute, time => time.Minute);
    private static readonly DatePart Second = new(TimeSpan.TicksPerSecond, time => time.Second);
    private static readonly DatePart Millisecond = new(TimeSpan.TicksPerMillisecond, time => time.Millisecond);
    private static readonly DatePart Microsecond = new(TimeSpan.TicksPerMicrosecond, time => time.Ticks % TimeSpan.TicksPerSecond / TimeSpan.TicksPerMicrosecond);
    private static readonly DatePart Nanosecond = new(1.0 / NanosecondsPerTick, time => time.Ticks % TimeSpan.TicksPerSecond * NanosecondsPerTick);

    private DatePart(double? ticks, Func<DateTime, long> @in)
    {
        Ticks = ticks;
        In = @in;
    }

    /// <summary>How long it is; null for years and months, which are not all the same.</summary>
    public double? Ticks { get; }

    /// <summary>Its number in a time.</summary>
    public Func<DateTime, long> In { get; }

    public static DatePart? Find(in SqlValue name) => name.Type != SqlType.String ? null : name.Text.ToLowerInvariant() switch
    {
        "year" or "yyyy" or "yy" => Year,
        "month" or "mm" or "m" => Month,
        "day" or "dd" or "d" => Day,
        "hour" or "hh" => Hour,
        "minute" or "mi" or "n" => Minute,
        "second" or "ss" or "s" => Second,
        "millisecond" or "ms" => Millisecond,
        "microsecond" or "mcs" => Microsecond,
        "nanosecond" or "ns" => Nanosecond,
        _ => null,
    };

    /// <summary>A time so many parts later; null if there is no such time.</summary>
    public DateTime? Add(DateTime time, double number)
    {
        if (Ticks is { } ticks)
        {
            var sum = time.Ticks + Math.Truncate(number * ticks);
            return sum >= 0 && sum <= DateTime.MaxValue.Ticks ? time.AddTicks((long)Math.Truncate(number * ticks)) : null;
        }

        var months = number * (this == Year ? 12 : 1);
        var year = time.Year + Math.Floor((time.Month - 1 + months) / 12);
        return year is >= 1 and <= 9999 ? time.AddMonths((int)months) : null;
    }

    /// <summary>How many times the part changes from one time to the other.</summary>
    public double Boundaries(DateTime start, DateTime end)
    {
        if (Ticks is { } ticks)
            return ticks < 1 ? (end.Ticks - start.Ticks) * NanosecondsPerTick : Math.Floor(end.Ticks / ticks) - Math.Floor(start.Ticks / ticks);
        return this == Year ? end.Year - start.Year : (end.Year - start.Year) * 12 + end.Month - start.Month;
    }
}
