using Pipeline.Consumers;
using Pipeline.Contracts.Inventory;
using Pipeline.Contracts.Ordering;
using Pipeline.Contracts.Shipping;
using Pipeline.Decisions;
using Pipeline.Failures;

namespace Pipeline.Services.Ordering;

/// <summary>
/// The decisions of an order about commands of customers and events of Inventory, Payments and Shipping. All are pure. Events
/// of different services arrive in any order, so a later one implies the earlier ones: a shipped order was paid.
/// </summary>
public static class OrderDecisions
{
    /// <summary>Handles the events of Inventory.</summary>
    public static Consumer OnInventory { get; } = Consumer.Of("inventory/ordering", "ordering", Order.Stream)
        .On<StockReserved>(Reserve)
        .On(LackingStock.View, (order, received, context) => Cancel(order, $"Out of stock: {string.Join(", ", received.Skus)}.", ReasonCode.Stock, context));

    /// <summary>Handles the events of Payments.</summary>
    public static Consumer OnPayments { get; } = Consumer.Of("payments/ordering", "ordering", Order.Stream)
        .On(OrderCharge.View, Pay)
        .On(FailedStep.OfPayment, (order, received, context) => Cancel(order, received.Reason, ReasonCode.Payment, context))
        .On(UndoneStep.OfPayment, (_, _, _) => Decision<Order>.Nothing());

    /// <summary>Handles the events of Shipping.</summary>
    public static Consumer OnShipping { get; } = Consumer.Of("shipping/ordering", "ordering", Order.Stream)
        .On<OrderShipped>(Complete)
        .On(FailedStep.OfShipment, (order, received, context) => Cancel(order, received.Reason, ReasonCode.Shipping, context))
        .On(UndoneStep.OfShipment, (_, _, _) => Decision<Order>.Nothing());

    /// <summary>The customer places an order.</summary>
    public static Decision<Order> Place(Order? order, PlaceOrder command, string orderId)
    {
        if (order is not null)
            return Decision<Order>.Refuse("order-exists", $"The order '{orderId}' exists already.");
        var total = command.Total;
        return Decision<Order>
            .Append(new OrderEvent.Placed(orderId, command.CustomerId!, command.Currency!, total, command.OrderLines, command.Note))
            .Publish(new OrderPlacedV2(
                orderId,
                command.CustomerId!,
                new Amount(total, command.Currency!),
                [.. command.OrderLines.Select(l => new OrderLineV2(l.Sku, l.Quantity, new Amount(l.UnitPrice, command.Currency!)))],
                command.Note));
    }

    /// <summary>
    /// The customer cancels an order that is not final yet, also a paid one: Payments refunds the charge, and Shipping
    /// recalls the parcel if it was shipped meanwhile.
    /// </summary>
    public static Decision<Order> CancelByCustomer(Order? order, string reason, HandlerContext context) => order?.Status switch
    {
        null => Decision<Order>.Refuse("order-unknown", "There is no such order."),
        OrderStatus.Completed => Decision<Order>.Refuse("order-already-completed", "The order is completed and cannot be cancelled."),
        _ => Cancel(order, reason, ReasonCode.Customer, context),
    };

    internal static Decision<Order> Reserve(Order? order, StockReserved received, HandlerContext context) =>
        Known(order, received.OrderId).Status == OrderStatus.Placed
            ? Decision<Order>.Append(new OrderEvent.StockConfirmed())
            : Decision<Order>.Nothing();

    internal static Decision<Order> Pay(Order? order, OrderCharge received, HandlerContext context) =>
        Known(order, received.OrderId).Status is OrderStatus.Placed or OrderStatus.Reserved
            ? Decision<Order>.Append(new OrderEvent.Paid(received.Amount))
            : Decision<Order>.Nothing(); // Cancelled meanwhile: Payments refunds on OrderCancelled. Or shipped already.

    internal static Decision<Order> Complete(Order? order, OrderShipped received, HandlerContext context) =>
        IsOpen(Known(order, received.OrderId))
            ? Close(
                order!,
                new OrderCompleted(received.OrderId, order!.CustomerId, order.Currency, order.Total, order.Lines),
                context,
                new OrderEvent.Shipped(received.Carrier, received.TrackingNumber),
                new OrderEvent.Completed())
            : Decision<Order>.Nothing(); // Cancelled meanwhile: Shipping recalls on OrderCancelled.

    internal static Decision<Order> Cancel(Order? order, string reason, ReasonCode code, HandlerContext context) =>
        IsOpen(Known(order, "?"))
            ? Close(order!, new OrderCancelled(order!.OrderId, reason), context, new OrderEvent.Cancelled(reason, code))
            : Decision<Order>.Nothing();

    /// <summary>Ends an order: publishes the event for the other services and the closed order for reports, in the same commit.</summary>
    private static Decision<Order> Close(Order order, object integrationEvent, HandlerContext context, params OrderEvent[] events) =>
        Decision<Order>.Append(events).Publish(integrationEvent)
            .Publish(ClosedOrders.Project(events.Aggregate(order, (o, e) => Order.Apply(o, e, context.Now)), context.Now));

    private static bool IsOpen(Order order) => order.Status is OrderStatus.Placed or OrderStatus.Reserved or OrderStatus.Paid;

    private static Order Known(Order? order, string orderId) =>
        order ?? throw new PermanentFailureException($"There is no order '{orderId}' in Ordering.");
}
