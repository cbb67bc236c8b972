using Pipeline.Consumers;
using Pipeline.Contracts.Ordering;

namespace Pipeline.Services.Payments;

/// <summary>The part of a cancellation that Payments reads.</summary>
internal sealed record CancelledOrder(string OrderId)
{
    public static ConsumedMessage<CancelledOrder> View { get; } = ConsumedMessage.Of<OrderCancelled, CancelledOrder>(PaymentsJson.Default);
}
