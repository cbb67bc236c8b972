namespace Pipeline.Contracts.Ordering;

/// <summary>An order was cancelled, by the customer or because stock, payment or shipment failed. Final.</summary>
/// <param name="OrderId">The order.</param>
/// <param name="Reason">Why, for people.</param>
[Event("com.contoso.ordering.order-cancelled.v1", "ordering", "{orderId}", IsPublic = true)]
public sealed record OrderCancelled([OrderId] string OrderId, [Reason] string Reason);
