using Pipeline.Consumers;
using Pipeline.Contracts.Inventory;
using Pipeline.Contracts.Ordering;
using Pipeline.Contracts.Payments;
using Pipeline.State;

namespace Pipeline.Services.Ordering;

/// <summary>What can happen to an order: commands from customers, and facts from Inventory and Payments. All pure.</summary>
public static class OrderDecisions
{
    /// <summary>What Ordering does with the facts of Inventory.</summary>
    public static Consumer OnInventory { get; } = Consumer.Of("inventory/ordering", "ordering", Order.Stream)
        .On<StockReserved>(Reserve)
        .On<StockInsufficient>((order, fact, _) => Cancel(order, $"Out of stock: {string.Join(", ", fact.Skus)}."));

    /// <summary>What Ordering does with the facts of Payments.</summary>
    public static Consumer OnPayments { get; } = Consumer.Of("payments/ordering", "ordering", Order.Stream)
        .On<PaymentCharged>(Complete)
        .On<PaymentFailed>((order, fact, _) => Cancel(order, fact.Reason))
        .On<PaymentRefunded>((_, _, _) => Decision<Order>.Nothing());

    /// <summary>The customer places an order.</summary>
    public static Decision<Order> Place(Order? order, PlaceOrder command, string orderId)
    {
        if (order is not null)
            return Decision<Order>.Refuse("order-exists", $"The order '{orderId}' exists already.");
        var total = command.Total;
        return Decision<Order>
            .Append(new OrderEvent.Placed(orderId, command.CustomerId!, command.Currency!, total, command.OrderLines, command.Note))
            .Publish(new OrderPlaced(orderId, command.CustomerId!, command.Currency!, total, command.OrderLines, command.Note));
    }

    /// <summary>The customer cancels an order that is not final yet.</summary>
    public static Decision<Order> CancelByCustomer(Order? order, string reason) => order?.Status switch
    {
        null => Decision<Order>.Refuse("order-unknown", "There is no such order."),
        OrderStatus.Completed => Decision<Order>.Refuse("order-already-completed", "The order is completed and cannot be cancelled any more."),
        _ => Cancel(order, reason),
    };

    private static Decision<Order> Reserve(Order? order, StockReserved fact, MessageContext context) =>
        Known(order, fact.OrderId).Status == OrderStatus.Placed
            ? Decision<Order>.Append(new OrderEvent.StockConfirmed())
            : Decision<Order>.Nothing();

    private static Decision<Order> Complete(Order? order, PaymentCharged fact, MessageContext context) =>
        Known(order, fact.OrderId).Status is OrderStatus.Placed or OrderStatus.Reserved
            ? Decision<Order>.Append(new OrderEvent.Paid(fact.Amount), new OrderEvent.Completed()).Publish(new OrderCompleted(order!.OrderId, order.CustomerId, order.Currency, order.Total, order.Lines))
            : Decision<Order>.Nothing(); // Cancelled meanwhile: Payments refunds on OrderCancelled.

    private static Decision<Order> Cancel(Order? order, string reason) =>
        Known(order, "?").Status is OrderStatus.Placed or OrderStatus.Reserved
            ? Decision<Order>.Append(new OrderEvent.Cancelled(reason)).Publish(new OrderCancelled(order!.OrderId, reason))
            : Decision<Order>.Nothing();

    private static Order Known(Order? order, string orderId) =>
        order ?? throw new PermanentFailureException($"There is no order '{orderId}' in Ordering.");
}
