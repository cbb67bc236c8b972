namespace Pipeline.Local.Cosmos;

/// <summary>
/// Request units by a simple model, near enough to compare designs and not to plan a budget: 1 RU to read a KB, 5 RU to
/// write one, and for queries and the change feed a base charge plus what they look at and what they return.
/// </summary>
internal static class RequestCharge
{
    private const double BytesPerUnit = 1024;
    private const double PerVisitedDocument = 0.05;

    public static double Read(int bytes) => Math.Max(1, Math.Ceiling(bytes / BytesPerUnit));

    public static double Write(int bytes) => 5 * Math.Max(1, Math.Ceiling(bytes / BytesPerUnit));

    public const double Metadata = 1;

    public static double Query(int visited, long returnedBytes) =>
        Math.Round(2.3 + visited * PerVisitedDocument + returnedBytes / BytesPerUnit, 2);

    public static double ChangeFeed(long returnedBytes) => Math.Round(1 + returnedBytes / BytesPerUnit, 2);
}
