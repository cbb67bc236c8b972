using Pipeline.Consumers;
using Pipeline.Contracts.Ordering;

namespace Pipeline.Services.Reporting;

/// <summary>What reports read of an order that is over.</summary>
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
    public static ConsumedMessage<ClosedOrder> View { get; } = Views.Of<OrderClosed, ClosedOrder>(ReportingJson.Default);
}
