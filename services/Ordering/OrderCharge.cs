using Pipeline.Consumers;
using Pipeline.Contracts.Payments;

namespace Pipeline.Services.Ordering;

/// <summary>The part of a charge that an order reads.</summary>
internal sealed record OrderCharge(string OrderId, decimal Amount)
{
    public static ConsumedMessage<OrderCharge> View { get; } = ConsumedMessage.Of<PaymentCharged, OrderCharge>(OrderingJson.Default);
}
