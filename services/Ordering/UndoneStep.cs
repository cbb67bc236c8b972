using Pipeline.Consumers;
using Pipeline.Contracts.Payments;
using Pipeline.Contracts.Shipping;

namespace Pipeline.Services.Ordering;

/// <summary>What an order reads of what was undone because it was cancelled: that it was.</summary>
internal sealed record UndoneStep
{
    public static ConsumedMessage<UndoneStep> OfPayment { get; } = Views.Of<PaymentRefunded, UndoneStep>(OrderingJson.Default);

    public static ConsumedMessage<UndoneStep> OfShipment { get; } = Views.Of<ShipmentRecalled, UndoneStep>(OrderingJson.Default);
}
