using Pipeline.Consumers;
using Pipeline.Contracts.Payments;
using Pipeline.Contracts.Shipping;

namespace Pipeline.Services.Ordering;

/// <summary>The part of a failed payment or shipment that an order reads.</summary>
internal sealed record FailedStep(string Reason)
{
    public static ConsumedMessage<FailedStep> OfPayment { get; } = ConsumedMessage.Of<PaymentFailed, FailedStep>(OrderingJson.Default);

    public static ConsumedMessage<FailedStep> OfShipment { get; } = ConsumedMessage.Of<ShipmentFailed, FailedStep>(OrderingJson.Default);
}
