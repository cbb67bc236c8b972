namespace Pipeline.Contracts.Shipping;

/// <summary>An order's parcel is with the carrier.</summary>
/// <param name="OrderId">The order.</param>
/// <param name="Carrier">Who carries it.</param>
/// <param name="TrackingNumber">The carrier's name for the parcel.</param>
public sealed record OrderShipped(string OrderId, string Carrier, string TrackingNumber);

/// <summary>The carrier does not take an order's parcel. Nothing was shipped. Final.</summary>
/// <param name="OrderId">The order.</param>
/// <param name="Reason">Why, for people.</param>
public sealed record ShipmentFailed(string OrderId, string Reason);

/// <summary>A parcel was called back from the carrier, because its order was cancelled. Final.</summary>
/// <param name="OrderId">The order.</param>
/// <param name="TrackingNumber">The carrier's name for the parcel.</param>
public sealed record ShipmentRecalled(string OrderId, string TrackingNumber);
