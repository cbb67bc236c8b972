namespace Pipeline.Contracts.Shipping;

/// <summary>An order's parcel is with the carrier.</summary>
/// <param name="OrderId">The order.</param>
/// <param name="Carrier">Who carries it.</param>
/// <param name="TrackingNumber">The carrier's name for the parcel.</param>
public sealed record OrderShipped([OrderId] string OrderId, [Text(1, 100)] string Carrier, [Text(1, 100)] string TrackingNumber);

/// <summary>The carrier does not take an order's parcel. Nothing was shipped. Final.</summary>
/// <param name="OrderId">The order.</param>
/// <param name="Reason">Why, for people.</param>
public sealed record ShipmentFailed([OrderId] string OrderId, [Reason] string Reason);

/// <summary>A parcel was called back from the carrier, because its order was cancelled. Final.</summary>
/// <param name="OrderId">The order.</param>
/// <param name="TrackingNumber">The carrier's name for the parcel.</param>
public sealed record ShipmentRecalled([OrderId] string OrderId, [Text(1, 100)] string TrackingNumber);
