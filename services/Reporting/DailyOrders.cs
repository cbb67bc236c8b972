using Pipeline.Consumers;
using Pipeline.Decisions;
using Pipeline.State;

namespace Pipeline.Services.Reporting;

/// <summary>
/// A part of the counts of a day's orders by outcome. Ordering publishes one event made for reports, so that events of several
/// services need not be joined here. Orders may be counted in any sequence, many in one commit.
/// </summary>
/// <param name="Day">The day on which they ended, in UTC, <c>yyyy-MM-dd</c>.</param>
/// <param name="Completed">Completed orders.</param>
/// <param name="Cancelled">Cancelled orders, by reason code.</param>
/// <param name="Revenue">Totals of the completed orders, by currency (ISO 4217).</param>
/// <param name="Lines">Lines of the completed orders.</param>
/// <param name="Pieces">Pieces of the completed orders.</param>
/// <param name="OpenMilliseconds">How long all of them together were open, from placed to completed or cancelled.</param>
public sealed record DailyOrders(
    string Day,
    int Completed,
    IReadOnlyDictionary<string, int> Cancelled,
    IReadOnlyDictionary<string, decimal> Revenue,
    long Lines,
    long Pieces,
    long OpenMilliseconds)
{
    /// <summary>Parts that a day's orders are counted in, so that they are not all counted one commit after the other.</summary>
    public const int Parts = DailyReport.Parts;

    private const string UnknownReason = "unknown";

    /// <summary>The definition of the stored state.</summary>
    public static DocumentState<DailyOrders> Document { get; } = new(ReportingJson.Default.DailyOrders);

    /// <summary>Handles the events of Ordering.</summary>
    public static Consumer OnOrdering { get; } = Consumer.Of("ordering/reporting", "reporting", Document)
        .Unordered()
        .PartitionBy<ClosedOrder>((order, _) => [PartitionOf(DayOf(order), DailyReport.PartOf(order.OrderId))])
        .On(ClosedOrder.View, Count);

    /// <summary>The partition of a part, 0 to <see cref="Parts"/> - 1.</summary>
    public static string PartitionOf(string day, int part) => string.Create(CultureInfo.InvariantCulture, $"orders-{day}-{part:x}");

    /// <summary>A day without orders.</summary>
    public static DailyOrders None(string day) => new(day, 0, new Dictionary<string, int>(StringComparer.Ordinal), new Dictionary<string, decimal>(StringComparer.Ordinal), 0, 0, 0);

    /// <summary>All parts of a day together.</summary>
    public static DailyOrders Sum(string day, IEnumerable<DailyOrders> parts) => parts.Aggregate(None(day), (sum, part) => sum with
    {
        Completed = sum.Completed + part.Completed,
        Cancelled = part.Cancelled.Aggregate(sum.Cancelled, (all, c) => With(all, c.Key, c.Value)),
        Revenue = part.Revenue.Aggregate(sum.Revenue, (all, r) => With(all, r.Key, r.Value)),
        Lines = sum.Lines + part.Lines,
        Pieces = sum.Pieces + part.Pieces,
        OpenMilliseconds = sum.OpenMilliseconds + part.OpenMilliseconds,
    });

    /// <summary>How long an order was open on average, in minutes; <see langword="null"/> if there was none.</summary>
    public double? MeanMinutes() => Completed + Cancelled.Values.Sum() is > 0 and var orders ? OpenMilliseconds / 60_000.0 / orders : null;

    private static Decision<DailyOrders> Count(DailyOrders? orders, ClosedOrder order, HandlerContext context)
    {
        var before = orders ?? None(DayOf(order));
        var open = order.ClosedAt - order.PlacedAt;
        var counted = before with { OpenMilliseconds = before.OpenMilliseconds + (open > TimeSpan.Zero ? (long)open.TotalMilliseconds : 0) }; // Clocks of two hosts may differ.
        return Decision<DailyOrders>.Save(order.Outcome == "completed"
            ? counted with
            {
                Completed = before.Completed + 1,
                Revenue = With(before.Revenue, order.Currency, order.Total),
                Lines = before.Lines + order.Lines,
                Pieces = before.Pieces + order.Pieces,
            }
            : counted with { Cancelled = With(before.Cancelled, order.ReasonCode ?? UnknownReason, 1) });
    }

    private static string DayOf(ClosedOrder order) => order.ClosedAt.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static SortedDictionary<string, T> With<T>(IReadOnlyDictionary<string, T> counts, string name, T more)
        where T : System.Numerics.INumber<T>
    {
        var all = new SortedDictionary<string, T>(StringComparer.Ordinal);
        foreach (var (key, value) in counts)
            all.Add(key, value);
        all[name] = all.GetValueOrDefault(name, T.Zero) + more;
        return all;
    }
}
