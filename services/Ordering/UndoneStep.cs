using Pipeline.Consumers;
using Pipeline.Contracts.Payments;
using Pipeline.Contracts.Shipping;

namespace Pipeline.Services.Ordering;

/// <summary>Marks that a step was undone because the order was cancelled; no data is read.</summary>
internal sealed record UndoneStep
{
    public static ConsumedMessage<UndoneStep> OfPayment { get; } = ConsumedMessage.Of<PaymentRefunded, UndoneStep>(OrderingJson.Default);

    public static ConsumedMessage<UndoneStep> OfShipment { get; } = ConsumedMessage.Of<ShipmentRecalled, UndoneStep>(OrderingJson.Default);
}
