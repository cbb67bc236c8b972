using Pipeline.Consumers;
using Pipeline.Contracts.Payments;

namespace Pipeline.Services.Shipping;

/// <summary>What Shipping reads of a charge: which order it was for.</summary>
internal sealed record PaidOrder(string OrderId)
{
    public static ConsumedMessage<PaidOrder> View { get; } = Views.Of<PaymentCharged, PaidOrder>(ShippingJson.Default);
}
