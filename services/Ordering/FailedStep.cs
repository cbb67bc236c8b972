using Pipeline.Consumers;
using Pipeline.Contracts.Payments;
using Pipeline.Contracts.Shipping;

namespace Pipeline.Services.Ordering;

/// <summary>What an order reads of a failure, of the payment or of the shipment.</summary>
internal sealed record FailedStep(string Reason)
{
    public static ConsumedMessage<FailedStep> OfPayment { get; } = Views.Of<PaymentFailed, FailedStep>(OrderingJson.Default);

    public static ConsumedMessage<FailedStep> OfShipment { get; } = Views.Of<ShipmentFailed, FailedStep>(OrderingJson.Default);
}
