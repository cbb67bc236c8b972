using Pipeline.Contracts.Analytics;
using Pipeline.Contracts.Inventory;
using Pipeline.Contracts.Notifications;
using Pipeline.Contracts.Ordering;
using Pipeline.Contracts.Payments;
using Pipeline.Contracts.Shipping;
using static Pipeline.Contracts.ContractKind;

namespace Pipeline.Contracts;

/// <summary>
/// Every integration event, command and reply, in every version that is alive. A type's ordering key is declared here,
/// once: for a fact it is its subject, for a command or reply the partition of the receiver.
/// </summary>
public static class ContractCatalog
{
    private static readonly ContractJson Json = ContractJson.Default;

    /// <summary>All contracts.</summary>
    public static IReadOnlyList<Contract> All { get; } =
    [
        new Contract<OrderPlaced>("com.contoso.ordering.order-placed.v1", Fact, "ordering", Json.OrderPlaced, e => e.OrderId, Check, isPublic: true),
        new Contract<OrderCancelled>("com.contoso.ordering.order-cancelled.v1", Fact, "ordering", Json.OrderCancelled, e => e.OrderId, isPublic: true),
        new Contract<OrderCompleted>("com.contoso.ordering.order-completed.v1", Fact, "ordering", Json.OrderCompleted, e => e.OrderId, isPublic: true),

        new Contract<StockReserved>("com.contoso.inventory.stock-reserved.v1", Fact, "inventory", Json.StockReserved, e => e.OrderId),
        new Contract<StockInsufficient>("com.contoso.inventory.stock-insufficient.v1", Fact, "inventory", Json.StockInsufficient, e => e.OrderId),
        new Contract<ReserveStock>(
            "com.contoso.inventory.reserve-stock.v1", Command, "stock", Json.ReserveStock, c => StockPartition(c.Sku), c => Positive("$.quantity", c.Quantity)),
        new Contract<ReleaseStock>(
            "com.contoso.inventory.release-stock.v1", Command, "stock", Json.ReleaseStock, c => StockPartition(c.Sku), c => Positive("$.quantity", c.Quantity)),
        new Contract<StockHeld>("com.contoso.inventory.stock-held.v1", Reply, "reservations", Json.StockHeld, r => r.OrderId),
        new Contract<StockRefused>("com.contoso.inventory.stock-refused.v1", Reply, "reservations", Json.StockRefused, r => r.OrderId),

        new Contract<PaymentCharged>("com.contoso.payments.payment-charged.v1", Fact, "payments", Json.PaymentCharged, e => e.OrderId),
        new Contract<PaymentFailed>("com.contoso.payments.payment-failed.v1", Fact, "payments", Json.PaymentFailed, e => e.OrderId),
        new Contract<PaymentRefunded>("com.contoso.payments.payment-refunded.v1", Fact, "payments", Json.PaymentRefunded, e => e.OrderId),

        new Contract<OrderShipped>("com.contoso.shipping.order-shipped.v1", Fact, "shipping", Json.OrderShipped, e => e.OrderId, isPublic: true),
        new Contract<ShipmentFailed>("com.contoso.shipping.shipment-failed.v1", Fact, "shipping", Json.ShipmentFailed, e => e.OrderId),
        new Contract<ShipmentRecalled>("com.contoso.shipping.shipment-recalled.v1", Fact, "shipping", Json.ShipmentRecalled, e => e.OrderId),

        new Contract<NotificationSent>("com.contoso.notifications.notification-sent.v1", Fact, "notifications", Json.NotificationSent, e => e.OrderId),

        new Contract<SalesUpdated>("com.contoso.analytics.sales-updated.v1", Fact, "analytics", Json.SalesUpdated, e => SalesPartition(e.Day, e.Sku)),
    ];

    /// <summary>The partition of an article in Inventory.</summary>
    public static string StockPartition(string sku) => "sku-" + sku;

    /// <summary>The partition of an article's sales of one day (<c>yyyy-MM-dd</c>) in Analytics.</summary>
    public static string SalesPartition(string day, string sku) => $"sales-{day.Replace("-", "", StringComparison.Ordinal)}-{sku}";

    private static string? Check(OrderPlaced order)
    {
        if (order.Lines.Count == 0)
            return "$.lines: at least one line is needed";
        for (var i = 0; i < order.Lines.Count; i++)
        {
            if (Positive($"$.lines[{i}].quantity", order.Lines[i].Quantity) is { } wrong)
                return wrong;
            if (order.Lines[i].UnitPrice < 0)
                return $"$.lines[{i}].unitPrice: {order.Lines[i].UnitPrice} is negative";
        }

        return null;
    }

    private static string? Positive(string path, int value) => value >= 1 ? null : $"{path}: {value} is less than 1";
}
