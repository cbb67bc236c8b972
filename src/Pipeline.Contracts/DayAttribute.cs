namespace Pipeline.Contracts;

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
