using Pipeline.Contracts.Ordering;

namespace Pipeline.Services.Ordering;

/// <summary>
/// A closed order in the shape that reports need. Only Ordering knows when an order is closed and why it was cancelled, so it
/// derives that from its own events, and reports need not join the events of several services.
/// </summary>
internal static class ClosedOrders
{
    /// <summary>The projection of an order that ended at that time.</summary>
    /// <exception cref="InvalidOperationException">The order is still open.</exception>
    public static OrderClosed Project(Order order, DateTimeOffset closedAt) => new(
        order.OrderId,
        order.Status switch
        {
            OrderStatus.Completed => "completed",
            OrderStatus.Cancelled => "cancelled",
            var status => throw new InvalidOperationException($"The order '{order.OrderId}' is {status}, and not over."),
        },
        order.Currency,
        order.Total,
        order.Lines.Count,
        order.Lines.Sum(l => l.Quantity),
        order.PlacedAt,
        closedAt,
        order.ReasonCode switch
        {
            null => null,
            ReasonCode.Customer => "customer",
            ReasonCode.Payment => "payment",
            ReasonCode.Shipping => "shipping",
            ReasonCode.Stock => "stock",
            var code => throw new InvalidOperationException($"There is no word for {code} in the contract."),
        });
}
