namespace Pipeline.Services.Shipping;

/// <summary>A recall of a parcel.</summary>
/// <param name="Key">The idempotency key that it was asked with.</param>
/// <param name="TrackingNumber">The parcel.</param>
/// <param name="Time">The time.</param>
public sealed record CarrierRecall(string Key, string TrackingNumber, DateTimeOffset Time);
