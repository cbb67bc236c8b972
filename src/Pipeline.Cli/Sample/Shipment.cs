namespace Pipeline.Cli.Sample;

internal sealed record Shipment(
    string OrderId,
    string? Status,
    string? Carrier,
    string? TrackingNumber,
    IReadOnlyList<Parcel>? Bookings,
    IReadOnlyList<Parcel>? Recalls);
