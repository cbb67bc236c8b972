namespace Pipeline.Contracts.Shipping;

/// <summary>A parcel was called back from the carrier, because its order was cancelled. Final.</summary>
/// <param name="OrderId">The order.</param>
/// <param name="TrackingNumber">The carrier's name for the parcel.</param>
[Event("com.contoso.shipping.shipment-recalled.v1", "shipping", "{orderId}")]
public sealed record ShipmentRecalled([OrderId] string OrderId, [Text(1, 100)] string TrackingNumber);
