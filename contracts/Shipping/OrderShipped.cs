namespace Pipeline.Contracts.Shipping;

/// <summary>An order's parcel is with the carrier.</summary>
/// <param name="OrderId">The order.</param>
/// <param name="Carrier">Who carries it.</param>
/// <param name="TrackingNumber">The carrier's name for the parcel.</param>
[Event("com.contoso.shipping.order-shipped.v1", "shipping", "{orderId}", IsPublic = true)]
public sealed record OrderShipped([OrderId] string OrderId, [Text(1, 100)] string Carrier, [Text(1, 100)] string TrackingNumber);
