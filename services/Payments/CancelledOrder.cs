using Pipeline.Consumers;
using Pipeline.Contracts.Ordering;

namespace Pipeline.Services.Payments;

/// <summary>What Payments reads of a cancellation.</summary>
internal sealed record CancelledOrder(string OrderId)
{
    public static ConsumedMessage<CancelledOrder> View { get; } = Views.Of<OrderCancelled, CancelledOrder>(PaymentsJson.Default);
}
