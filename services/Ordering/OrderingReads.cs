using Pipeline.Consumers;
using Pipeline.Contracts.Inventory;
using Pipeline.Contracts.Payments;
using Pipeline.Contracts.Shipping;

namespace Pipeline.Services.Ordering;

/// <summary>What an order reads of lacking stock.</summary>
internal sealed record LackingStock(IReadOnlyList<string> Skus)
{
    public static View<LackingStock> View { get; } = Views.Of<StockInsufficient, LackingStock>(OrderingJson.Default);
}

/// <summary>What an order reads of a charge.</summary>
internal sealed record OrderCharge(string OrderId, decimal Amount)
{
    public static View<OrderCharge> View { get; } = Views.Of<PaymentCharged, OrderCharge>(OrderingJson.Default);
}

/// <summary>What an order reads of a failure, of the payment or of the shipment.</summary>
internal sealed record FailedStep(string Reason)
{
    public static View<FailedStep> OfPayment { get; } = Views.Of<PaymentFailed, FailedStep>(OrderingJson.Default);

    public static View<FailedStep> OfShipment { get; } = Views.Of<ShipmentFailed, FailedStep>(OrderingJson.Default);
}

/// <summary>What an order reads of what was undone because it was cancelled: that it was.</summary>
internal sealed record UndoneStep
{
    public static View<UndoneStep> OfPayment { get; } = Views.Of<PaymentRefunded, UndoneStep>(OrderingJson.Default);

    public static View<UndoneStep> OfShipment { get; } = Views.Of<ShipmentRecalled, UndoneStep>(OrderingJson.Default);
}
