namespace Pipeline.Contracts.Payments;

/// <summary>An order's total was charged.</summary>
/// <param name="OrderId">The order.</param>
/// <param name="Amount">What was charged.</param>
/// <param name="Currency">ISO 4217 code.</param>
public sealed record PaymentCharged([OrderId] string OrderId, [Money] decimal Amount, [Currency] string Currency);

/// <summary>The charge was declined. Nothing was taken.</summary>
/// <param name="OrderId">The order.</param>
/// <param name="Reason">Why, for people.</param>
public sealed record PaymentFailed([OrderId] string OrderId, [Reason] string Reason);

/// <summary>A charge was given back, because its order was cancelled.</summary>
/// <param name="OrderId">The order.</param>
/// <param name="Amount">What was given back.</param>
/// <param name="Currency">ISO 4217 code.</param>
public sealed record PaymentRefunded([OrderId] string OrderId, [Money] decimal Amount, [Currency] string Currency);
