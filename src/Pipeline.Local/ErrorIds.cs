namespace Pipeline.Local;

/// <summary>Ids by which an answer names what is in the log and nowhere else.</summary>
internal static class ErrorIds
{
    private static int _last;

    public static string Next() => string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessId}-{Interlocked.Increment(ref _last)}");
}
