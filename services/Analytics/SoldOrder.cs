using Pipeline.Consumers;
using Pipeline.Contracts.Ordering;

namespace Pipeline.Services.Analytics;

/// <summary>The part of a completed order that Analytics reads.</summary>
internal sealed record SoldOrder(string Currency, IReadOnlyList<SoldLine> Lines)
{
    public static ConsumedMessage<SoldOrder> View { get; } = ConsumedMessage.Of<OrderCompleted, SoldOrder>(AnalyticsJson.Default);
}
