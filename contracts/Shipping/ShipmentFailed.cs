namespace Pipeline.Contracts.Shipping;

/// <summary>The carrier does not take an order's parcel. Nothing was shipped. Final.</summary>
/// <param name="OrderId">The order.</param>
/// <param name="Reason">Why, for people.</param>
[Event("com.contoso.shipping.shipment-failed.v1", "shipping", "{orderId}")]
public sealed record ShipmentFailed([OrderId] string OrderId, [Reason] string Reason);
