using System.Collections.Frozen;
using Pipeline.Contracts.Analytics;
using Pipeline.Contracts.Carrier;
using Pipeline.Contracts.Inventory;
using Pipeline.Contracts.Notifications;
using Pipeline.Contracts.Ordering;
using Pipeline.Contracts.Payments;
using Pipeline.Contracts.Shipping;
using static Pipeline.Contracts.ContractKind;

namespace Pipeline.Contracts;

/// <summary>
/// Every integration event, command and reply, in every version that is alive. A type's ordering key is declared here,
/// once: for a fact it is its subject, for a command or reply the partition of the receiver. What its fields may hold is
/// declared at the record, what it says is the record's documentation.
/// </summary>
public static class ContractCatalog
{
    private static readonly ContractJson Json = ContractJson.Default;

    /// <summary>All contracts.</summary>
    public static IReadOnlyList<Contract> All { get; } =
    [
        new Contract<OrderPlaced>("com.contoso.ordering.order-placed.v1", StateTransfer, "ordering", Json.OrderPlaced, "{orderId}", e => e.OrderId, isPublic: true)
            .UpcastTo(OrderPlacedVersions.Upcast),
        new Contract<OrderPlacedV2>("com.contoso.ordering.order-placed.v2", StateTransfer, "ordering", Json.OrderPlacedV2, "{orderId}", e => e.OrderId, isPublic: true)
            .DowncastTo(OrderPlacedVersions.Downcast),
        new Contract<OrderCancelled>("com.contoso.ordering.order-cancelled.v1", DomainEvent, "ordering", Json.OrderCancelled, "{orderId}", e => e.OrderId, isPublic: true),
        new Contract<OrderCompleted>("com.contoso.ordering.order-completed.v1", StateTransfer, "ordering", Json.OrderCompleted, "{orderId}", e => e.OrderId, isPublic: true),
        new Contract<OrderClosed>("com.contoso.ordering.order-closed.v1", StateTransfer, "ordering", Json.OrderClosed, "{orderId}", e => e.OrderId),

        new Contract<StockReserved>("com.contoso.inventory.stock-reserved.v1", DomainEvent, "inventory", Json.StockReserved, "{orderId}", e => e.OrderId),
        new Contract<StockInsufficient>("com.contoso.inventory.stock-insufficient.v1", DomainEvent, "inventory", Json.StockInsufficient, "{orderId}", e => e.OrderId),
        new Contract<ReserveStock>("com.contoso.inventory.reserve-stock.v1", Command, "stock", Json.ReserveStock, "sku-{sku}", c => StockPartition(c.Sku)),
        new Contract<ReleaseStock>("com.contoso.inventory.release-stock.v1", Command, "stock", Json.ReleaseStock, "sku-{sku}", c => StockPartition(c.Sku)),
        new Contract<StockHeld>("com.contoso.inventory.stock-held.v1", Reply, "reservations", Json.StockHeld, "{orderId}", r => r.OrderId),
        new Contract<StockRefused>("com.contoso.inventory.stock-refused.v1", Reply, "reservations", Json.StockRefused, "{orderId}", r => r.OrderId),

        new Contract<PaymentCharged>("com.contoso.payments.payment-charged.v1", DomainEvent, "payments", Json.PaymentCharged, "{orderId}", e => e.OrderId),
        new Contract<PaymentFailed>("com.contoso.payments.payment-failed.v1", DomainEvent, "payments", Json.PaymentFailed, "{orderId}", e => e.OrderId),
        new Contract<PaymentRefunded>("com.contoso.payments.payment-refunded.v1", DomainEvent, "payments", Json.PaymentRefunded, "{orderId}", e => e.OrderId),

        new Contract<OrderShipped>("com.contoso.shipping.order-shipped.v1", DomainEvent, "shipping", Json.OrderShipped, "{orderId}", e => e.OrderId, isPublic: true),
        new Contract<ShipmentFailed>("com.contoso.shipping.shipment-failed.v1", DomainEvent, "shipping", Json.ShipmentFailed, "{orderId}", e => e.OrderId),
        new Contract<ShipmentRecalled>("com.contoso.shipping.shipment-recalled.v1", DomainEvent, "shipping", Json.ShipmentRecalled, "{orderId}", e => e.OrderId),
        new Contract<OrderDelivered>("com.contoso.shipping.order-delivered.v1", DomainEvent, "shipping", Json.OrderDelivered, "parcel-{orderId}", e => ParcelPartition(e.OrderId)),

        new Contract<NotificationSent>("com.contoso.notifications.notification-sent.v1", DomainEvent, "notifications", Json.NotificationSent, "{orderId}", e => e.OrderId),

        new Contract<SalesUpdated>(
            "com.contoso.analytics.sales-updated.v1", Notification, "analytics", Json.SalesUpdated, "sales-{day:compact}-{sku}", e => SalesPartition(e.Day, e.Sku)),

        // The carrier's own event; it comes by webhook.
        new Contract<ParcelDelivered>("com.contoso.carrier.parcel-delivered.v1", DomainEvent, "webhooks", Json.ParcelDelivered, "parcel-{orderId}", e => ParcelPartition(e.OrderId)),
    ];

    private static readonly FrozenDictionary<string, Contract> ByType = All.ToFrozenDictionary(c => c.Type, StringComparer.Ordinal);

    /// <summary>The contract of that CloudEvents type, or <see langword="null"/>.</summary>
    public static Contract? Find(string type) => ByType.GetValueOrDefault(type);

    /// <summary>The partition of an article in Inventory.</summary>
    public static string StockPartition(string sku) => "sku-" + sku;

    /// <summary>The partition of an article's sales of one day (<c>yyyy-MM-dd</c>) in Analytics.</summary>
    public static string SalesPartition(string day, string sku) => $"sales-{day.Replace("-", "", StringComparison.Ordinal)}-{sku}";

    /// <summary>The partition of an order's parcel in Shipping.</summary>
    public static string ParcelPartition(string orderId) => "parcel-" + orderId;
}
