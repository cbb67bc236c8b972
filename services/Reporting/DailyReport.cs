using System.Security.Cryptography;
using System.Text;
using Pipeline.Consumers;
using Pipeline.Contracts.Analytics;
using Pipeline.Decisions;
using Pipeline.State;

namespace Pipeline.Services.Reporting;

/// <summary>
/// A part of the report of one day: the figures of some of its articles. It handles the notification of Analytics that figures
/// have changed and reads the current ones; it never counts orders itself and never waits for a fixed time.
/// </summary>
/// <param name="Day">The day in UTC, <c>yyyy-MM-dd</c>.</param>
/// <param name="Articles">The latest figures, by article.</param>
public sealed record DailyReport(string Day, IReadOnlyDictionary<string, SalesFigures> Articles)
{
    /// <summary>Parts that a day's report is kept in, so that one document does not grow with all articles.</summary>
    public const int Parts = 16;

    /// <summary>The definition of the stored state.</summary>
    public static DocumentState<DailyReport> Document { get; } = new(ReportingJson.Default.DailyReport);

    /// <summary>Handles the events of Analytics.</summary>
    public static Consumer OnAnalytics { get; } = Consumer.Of("analytics/reporting", "reporting", Document)
        .Unordered()
        .PartitionBy<SalesUpdated>((updated, _) => [PartitionOf(updated.Day, PartOf(updated.Sku))])
        .On<SalesUpdated, ISalesSource>(UpdateAsync);

    /// <summary>The partition of a part, 0 to <see cref="Parts"/> - 1.</summary>
    public static string PartitionOf(string day, int part) => string.Create(CultureInfo.InvariantCulture, $"report-{day}-{part:x}");

    /// <summary>The part that an article or an order is in.</summary>
    internal static int PartOf(string name) => SHA256.HashData(Encoding.UTF8.GetBytes(name))[0] % Parts;

    private static async Task<Decision<DailyReport>> UpdateAsync(
        DailyReport? report, SalesUpdated updated, HandlerContext context, ISalesSource sales, CancellationToken cancellationToken)
    {
        if (report?.Articles.GetValueOrDefault(updated.Sku) is { } known && known.AsOf >= context.Sequence)
            return Decision<DailyReport>.Nothing();
        var figures = await sales.GetAsync(updated.Link, cancellationToken);
        if (figures.AsOf < context.Sequence)
            throw new HttpRequestException(string.Create(CultureInfo.InvariantCulture,
                $"The figures at '{updated.Link}' are as of {figures.AsOf}, older than their announcement {context.Sequence}."));
        var articles = report is null
            ? new Dictionary<string, SalesFigures>(StringComparer.Ordinal)
            : new Dictionary<string, SalesFigures>(report.Articles, StringComparer.Ordinal);
        articles[updated.Sku] = figures;
        return Decision<DailyReport>.Save(new DailyReport(updated.Day, articles));
    }
}
