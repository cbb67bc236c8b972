using Pipeline.Consumers;
using Pipeline.Contracts;
using Pipeline.Decisions;
using Pipeline.State;

namespace Pipeline.InvoiceApp;

// DOCS: consumer
/// <summary>A customer placed an order, or placed it again with another total.</summary>
[Event("com.contoso.orders.order-placed.v1", "orders", "{orderId}")]
public sealed record OrderPlaced([Text(1, 60)] string OrderId, [Number(0, 1_000_000)] decimal Total);

/// <summary>The invoice of an order, or its correction.</summary>
[Event("com.contoso.billing.invoice-issued.v1", "billing", "{orderId}")]
public sealed record InvoiceIssued([Text(1, 60)] string OrderId, [Text(1, 60)] string Number, [Number(0, 1_000_000)] decimal Amount);

/// <summary>The system that numbers invoices.</summary>
public interface IInvoiceNumbers
{
    /// <summary>Gets a new number. The same key gets the same number.</summary>
    Task<string> NextAsync(string key, CancellationToken cancellationToken);
}

/// <summary>The invoice of an order.</summary>
public sealed record Invoice(string OrderId, string Number, decimal Amount, int Revision)
{
    public static DocumentState<Invoice> Document { get; } = new();

    public static Consumer OnOrders { get; } = Consumer.Of("orders/billing", "billing", Document)
        .On<OrderPlaced, IInvoiceNumbers>(IssueAsync);

    public static async Task<Decision<Invoice>> IssueAsync(
        Invoice? invoice, OrderPlaced order, HandlerContext context, IInvoiceNumbers numbers, CancellationToken cancellationToken)
    {
        var number = invoice?.Number ?? await numbers.NextAsync(context.MessageId, cancellationToken);
        return Decision<Invoice>
            .Save(new Invoice(order.OrderId, number, order.Total, (invoice?.Revision ?? 0) + 1))
            .Publish(new InvoiceIssued(order.OrderId, number, order.Total));
    }
}

// DOCS: end
