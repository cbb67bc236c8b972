namespace Pipeline.Contracts.Payments;

/// <summary>An order's total was charged.</summary>
/// <param name="OrderId">The order.</param>
/// <param name="Amount">What was charged.</param>
/// <param name="Currency">ISO 4217 code.</param>
[Event("com.contoso.payments.payment-charged.v1", "payments", "{orderId}")]
public sealed record PaymentCharged([OrderId] string OrderId, [Money] decimal Amount, [Currency] string Currency);
