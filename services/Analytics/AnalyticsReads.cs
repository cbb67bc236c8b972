using Pipeline.Consumers;
using Pipeline.Contracts.Ordering;

namespace Pipeline.Services.Analytics;

/// <summary>What Analytics reads of a completed order.</summary>
internal sealed record SoldOrder(string Currency, IReadOnlyList<SoldLine> Lines)
{
    public static View<SoldOrder> View { get; } = Views.Of<OrderCompleted, SoldOrder>(AnalyticsJson.Default);
}

/// <summary>What Analytics reads of an order's line.</summary>
internal sealed record SoldLine(string Sku, int Quantity, decimal UnitPrice);
