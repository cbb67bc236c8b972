namespace Pipeline.Contracts.Payments;

/// <summary>A charge was given back, because its order was cancelled.</summary>
/// <param name="OrderId">The order.</param>
/// <param name="Amount">What was given back.</param>
/// <param name="Currency">ISO 4217 code.</param>
[Event("com.contoso.payments.payment-refunded.v1", "payments", "{orderId}")]
public sealed record PaymentRefunded([OrderId] string OrderId, [Money] decimal Amount, [Currency] string Currency);
