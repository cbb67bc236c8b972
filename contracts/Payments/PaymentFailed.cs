namespace Pipeline.Contracts.Payments;

/// <summary>The charge was declined. Nothing was taken.</summary>
/// <param name="OrderId">The order.</param>
/// <param name="Reason">Why, for people.</param>
public sealed record PaymentFailed([OrderId] string OrderId, [Reason] string Reason);
