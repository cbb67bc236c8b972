namespace Pipeline.Services.Shipping;

/// <summary>Everything that a carrier has on record for an order, duplicates included.</summary>
/// <param name="Bookings">Parcels, also those that were declined.</param>
/// <param name="Recalls">Recalled parcels.</param>
public sealed record CarrierRecords(IReadOnlyList<CarrierBooking> Bookings, IReadOnlyList<CarrierRecall> Recalls);
