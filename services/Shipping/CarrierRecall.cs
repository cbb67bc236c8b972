namespace Pipeline.Services.Shipping;

/// <summary>A parcel that the carrier was asked to bring back.</summary>
/// <param name="Key">The idempotency key that it was asked with.</param>
/// <param name="TrackingNumber">The parcel.</param>
/// <param name="Time">When.</param>
public sealed record CarrierRecall(string Key, string TrackingNumber, DateTimeOffset Time);
