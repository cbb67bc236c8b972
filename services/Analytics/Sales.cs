using Pipeline.Consumers;
using Pipeline.Contracts;
using Pipeline.Contracts.Analytics;
using Pipeline.Decisions;
using Pipeline.Failures;
using Pipeline.State;

namespace Pipeline.Services.Analytics;

/// <summary>
/// The sales of one article on one day (UTC). Orders may be counted in any sequence, so that many are counted in one
/// commit; one order counts in the partition of each of its articles.
/// </summary>
/// <param name="Day">The day, <c>yyyy-MM-dd</c>.</param>
/// <param name="Sku">The article.</param>
/// <param name="Orders">Completed orders with that article.</param>
/// <param name="Quantity">Pieces.</param>
/// <param name="Revenue">By currency (ISO 4217).</param>
public sealed record Sales(string Day, string Sku, int Orders, long Quantity, IReadOnlyDictionary<string, decimal> Revenue)
{
    /// <summary>The definition of the stored state.</summary>
    public static DocumentState<Sales> Document { get; } = new(AnalyticsJson.Default.Sales);

    /// <summary>Handles the events of Ordering.</summary>
    public static Consumer OnOrdering { get; } = Consumer.Of("ordering/analytics", "analytics", Document)
        .Unordered()
        .PartitionBy<SoldOrder>((order, message) => order.Lines.Select(l => ContractCatalog.SalesPartition(DayOf(message.Time), l.Sku)))
        .On(SoldOrder.View, Count)
        .WhenBatchIsDone((sales, _) => new SalesUpdated(sales.Day, sales.Sku, $"api/sales/{sales.Day}/{sales.Sku}"));

    private static Decision<Sales> Count(Sales? sales, SoldOrder order, HandlerContext context)
    {
        var day = DayOf(context.SentAt);
        var lines = order.Lines.Where(l => ContractCatalog.SalesPartition(day, l.Sku) == context.Partition).ToList();
        var before = sales ?? new Sales(day, lines[0].Sku, 0, 0, new Dictionary<string, decimal>(StringComparer.Ordinal));
        var revenue = new Dictionary<string, decimal>(before.Revenue, StringComparer.Ordinal);
        revenue[order.Currency] = revenue.GetValueOrDefault(order.Currency) + lines.Sum(l => l.Quantity * l.UnitPrice);
        return Decision<Sales>.Save(before with
        {
            Orders = before.Orders + 1,
            Quantity = before.Quantity + lines.Sum(l => (long)l.Quantity),
            Revenue = revenue,
        });
    }

    /// <summary>The day that an event counts for; one without a time cannot be counted.</summary>
    private static string DayOf(DateTimeOffset? time) =>
        (time ?? throw new PermanentFailureException("The event has no 'time', so nothing tells which day it counts for."))
            .UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
