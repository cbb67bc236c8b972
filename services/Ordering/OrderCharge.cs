using Pipeline.Consumers;
using Pipeline.Contracts.Payments;

namespace Pipeline.Services.Ordering;

/// <summary>What an order reads of a charge.</summary>
internal sealed record OrderCharge(string OrderId, decimal Amount)
{
    public static ConsumedMessage<OrderCharge> View { get; } = Views.Of<PaymentCharged, OrderCharge>(OrderingJson.Default);
}
