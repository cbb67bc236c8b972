namespace Pipeline.BookingApp;

/// <summary>What both counts need.</summary>
internal static class Sums
{
    public static string DayOf(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    public static IReadOnlyDictionary<string, decimal> With(IReadOnlyDictionary<string, decimal> sums, string name, decimal more)
    {
        var all = new Dictionary<string, decimal>(sums, StringComparer.Ordinal);
        all[name] = all.GetValueOrDefault(name) + more;
        return all;
    }
}
