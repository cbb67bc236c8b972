using Pipeline.Consumers;
using Pipeline.Contracts.Inventory;
using Pipeline.Contracts.Payments;
using Pipeline.Decisions;
using Pipeline.State;

namespace Pipeline.Services.Payments;

/// <summary>
/// The payment of one order. It takes the amount from OrderPlaced, so that it need not query Ordering, and charges once the
/// stock is reserved. The two events come from different topics, in any order.
/// </summary>
public sealed record Payment
{
    /// <summary>Gets the id of the order.</summary>
    public required string OrderId { get; init; }

    /// <summary>Gets the status.</summary>
    public PaymentStatus Status { get; init; }

    /// <summary>Gets the customer; <see langword="null"/> until OrderPlaced was received.</summary>
    public string? CustomerId { get; init; }

    /// <summary>Gets the total of the order; <see langword="null"/> until OrderPlaced was received.</summary>
    public decimal? Amount { get; init; }

    /// <summary>Gets the ISO 4217 code of the currency; <see langword="null"/> until OrderPlaced was received.</summary>
    public string? Currency { get; init; }

    /// <summary>Whether the stock is reserved.</summary>
    public bool IsStockReserved { get; init; }

    /// <summary>The definition of the stored state.</summary>
    public static DocumentState<Payment> Document { get; } = new(PaymentsJson.Default.Payment);

    /// <summary>Handles the events of Ordering.</summary>
    public static Consumer OnOrdering { get; } = Consumer.Of("ordering/payments", "payments", Document)
        .On<PlacedOrder, IPaymentGateway>(PlacedOrder.View, (payment, order, _, gateway, cancellationToken) =>
        {
            payment ??= new Payment { OrderId = order.OrderId };
            return ChargeWhenDueAsync(payment with { CustomerId = order.CustomerId, Amount = order.Total.Value, Currency = order.Total.Currency }, gateway, cancellationToken);
        })
        .On<CancelledOrder, IPaymentGateway>(CancelledOrder.View, CancelAsync);

    /// <summary>Handles the events of Inventory.</summary>
    public static Consumer OnInventory { get; } = Consumer.Of("inventory/payments", "payments", Document)
        .On<StockReserved, IPaymentGateway>((payment, received, _, gateway, cancellationToken) =>
            ChargeWhenDueAsync((payment ?? new Payment { OrderId = received.OrderId }) with { IsStockReserved = true }, gateway, cancellationToken));

    /// <summary>The gateway's key of an order's charge: one per order, whatever message leads to it.</summary>
    public static string ChargeKey(string orderId) => "charge-" + orderId;

    /// <summary>The gateway's key of an order's refund.</summary>
    public static string RefundKey(string orderId) => "refund-" + orderId;

    private static async Task<Decision<Payment>> ChargeWhenDueAsync(Payment payment, IPaymentGateway gateway, CancellationToken cancellationToken)
    {
        // An earlier attempt at this message may have charged and then lost the commit to the cancellation: the gateway knows.
        if (payment.Status == PaymentStatus.Cancelled
            && await gateway.FindAsync(ChargeKey(payment.OrderId), payment.OrderId, cancellationToken) is { Declined: null } charged)
            return await RefundAsync(payment, charged.Amount, charged.Currency, gateway, cancellationToken);
        if (payment is not { Status: PaymentStatus.Open, IsStockReserved: true, Amount: { } amount })
            return Decision<Payment>.Save(payment);
        var charge = await gateway.ChargeAsync(
            ChargeKey(payment.OrderId), payment.OrderId, payment.CustomerId!, amount, payment.Currency!, cancellationToken);
        return charge.Declined is { } declined
            ? Decision<Payment>.Save(payment with { Status = PaymentStatus.Failed }).Publish(new PaymentFailed(payment.OrderId, declined))
            : Decision<Payment>.Save(payment with { Status = PaymentStatus.Charged }).Publish(new PaymentCharged(payment.OrderId, amount, payment.Currency!));
    }

    private static async Task<Decision<Payment>> CancelAsync(
        Payment? payment, CancelledOrder cancelled, HandlerContext context, IPaymentGateway gateway, CancellationToken cancellationToken)
    {
        payment ??= new Payment { OrderId = cancelled.OrderId };
        switch (payment.Status)
        {
            case PaymentStatus.Open:
                return Decision<Payment>.Save(payment with { Status = PaymentStatus.Cancelled });
            case PaymentStatus.Charged:
                return await RefundAsync(payment, payment.Amount!.Value, payment.Currency!, gateway, cancellationToken);
            default:
                return Decision<Payment>.Nothing();
        }
    }

    private static async Task<Decision<Payment>> RefundAsync(
        Payment payment, decimal amount, string currency, IPaymentGateway gateway, CancellationToken cancellationToken)
    {
        await gateway.RefundAsync(RefundKey(payment.OrderId), payment.OrderId, amount, currency, cancellationToken);
        return Decision<Payment>
            .Save(payment with { Status = PaymentStatus.Refunded })
            .Publish(new PaymentRefunded(payment.OrderId, amount, currency));
    }
}
