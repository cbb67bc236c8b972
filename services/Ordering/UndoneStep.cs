using Pipeline.Consumers;
using Pipeline.Contracts.Payments;
using Pipeline.Contracts.Shipping;

namespace Pipeline.Services.Ordering;

/// <summary>Marks that a step was undone because the order was cancelled; no data is read.</summary>
internal sealed record UndoneStep
{
    public static ConsumedMessage<UndoneStep> OfPayment { get; } = Views.Of<PaymentRefunded, UndoneStep>(OrderingJson.Default);

    public static ConsumedMessage<UndoneStep> OfShipment { get; } = Views.Of<ShipmentRecalled, UndoneStep>(OrderingJson.Default);
}
