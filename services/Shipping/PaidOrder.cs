using Pipeline.Consumers;
using Pipeline.Contracts.Payments;

namespace Pipeline.Services.Shipping;

/// <summary>The part of a charge: which order it was for that Shipping reads.</summary>
internal sealed record PaidOrder(string OrderId)
{
    public static ConsumedMessage<PaidOrder> View { get; } = ConsumedMessage.Of<PaymentCharged, PaidOrder>(ShippingJson.Default);
}
