namespace Pipeline.Contracts.Shipping;

/// <summary>An order's parcel reached the customer.</summary>
/// <param name="OrderId">The order.</param>
/// <param name="DeliveredAt">When, as the carrier says.</param>
[Event("com.contoso.shipping.order-delivered.v1", "shipping", "parcel-{orderId}")]
public sealed record OrderDelivered([OrderId] string OrderId, DateTimeOffset DeliveredAt);
