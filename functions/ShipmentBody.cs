using Pipeline.Services.Shipping;

namespace Pipeline.Functions;

internal sealed record ShipmentBody(
    string OrderId, ShipmentStatus Status, string? Carrier, string? TrackingNumber, DateTimeOffset? DeliveredAt, string? SignedBy, IReadOnlyList<ParcelBody> Bookings, IReadOnlyList<ParcelBody> Recalls);
