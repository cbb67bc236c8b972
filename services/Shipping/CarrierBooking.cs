namespace Pipeline.Services.Shipping;

/// <summary>A booking of a parcel.</summary>
/// <param name="Key">The idempotency key that it was asked with.</param>
/// <param name="Carrier">Who carries it.</param>
/// <param name="TrackingNumber">The carrier's tracking number.</param>
/// <param name="Time">The time.</param>
/// <param name="Declined">Why the carrier does not take it; <see langword="null"/> if it does.</param>
public sealed record CarrierBooking(string Key, string Carrier, string TrackingNumber, DateTimeOffset Time, string? Declined = null);
