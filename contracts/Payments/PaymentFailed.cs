namespace Pipeline.Contracts.Payments;

/// <summary>The charge was declined. Nothing was taken.</summary>
/// <param name="OrderId">The order.</param>
/// <param name="Reason">Why, for people.</param>
[Event("com.contoso.payments.payment-failed.v1", "payments", "{orderId}")]
public sealed record PaymentFailed([OrderId] string OrderId, [Reason] string Reason);
