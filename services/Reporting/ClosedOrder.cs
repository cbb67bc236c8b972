using Pipeline.Consumers;
using Pipeline.Contracts.Ordering;

namespace Pipeline.Services.Reporting;

/// <summary>The part of a closed order that reports read.</summary>
internal sealed record ClosedOrder(
    string OrderId,
    string Outcome,
    string Currency,
    decimal Total,
    int Lines,
    int Pieces,
    DateTimeOffset PlacedAt,
    DateTimeOffset ClosedAt,
    string? ReasonCode = null)
{
    public static ConsumedMessage<ClosedOrder> View { get; } = ConsumedMessage.Of<OrderClosed, ClosedOrder>(ReportingJson.Default);
}
