namespace Pipeline.Services.Shipping;

/// <summary>What a parcel is made of.</summary>
/// <param name="Sku">The article.</param>
/// <param name="Quantity">Pieces.</param>
public sealed record ParcelItem(string Sku, int Quantity);

/// <summary>A parcel that the carrier was asked to take.</summary>
/// <param name="Key">The idempotency key that it was asked with.</param>
/// <param name="Carrier">Who carries it.</param>
/// <param name="TrackingNumber">The carrier's name for the parcel.</param>
/// <param name="Time">When.</param>
/// <param name="Declined">Why the carrier does not take it; <see langword="null"/> if it does.</param>
public sealed record CarrierBooking(string Key, string Carrier, string TrackingNumber, DateTimeOffset Time, string? Declined = null);

/// <summary>A parcel that the carrier was asked to bring back.</summary>
/// <param name="Key">The idempotency key that it was asked with.</param>
/// <param name="TrackingNumber">The parcel.</param>
/// <param name="Time">When.</param>
public sealed record CarrierRecall(string Key, string TrackingNumber, DateTimeOffset Time);

/// <summary>Everything that a carrier has on record for an order, duplicates included.</summary>
/// <param name="Bookings">Parcels, also those that were declined.</param>
/// <param name="Recalls">Parcels that were called back.</param>
public sealed record CarrierRecords(IReadOnlyList<CarrierBooking> Bookings, IReadOnlyList<CarrierRecall> Recalls);

/// <summary>
/// The port to whoever carries the parcels. Every call that has an effect carries an idempotency key: calling again with
/// the same key answers with the outcome of the first call. A failure that may pass is thrown; a decline is an answer.
/// </summary>
public interface ICarrierGateway
{
    /// <summary>Hands a parcel over.</summary>
    Task<CarrierBooking> BookAsync(string key, string orderId, string customerId, IReadOnlyList<ParcelItem> items, CancellationToken cancellationToken);

    /// <summary>Calls a parcel back.</summary>
    /// <exception cref="Consumers.PermanentFailureException">The carrier knows no such parcel.</exception>
    Task<CarrierRecall> RecallAsync(string key, string orderId, string trackingNumber, CancellationToken cancellationToken);

    /// <summary>The outcome of an earlier booking, by its key; <see langword="null"/> if there was none.</summary>
    Task<CarrierBooking?> FindAsync(string key, string orderId, CancellationToken cancellationToken);

    /// <summary>All bookings and recalls of an order, oldest first.</summary>
    Task<CarrierRecords> ListAsync(string orderId, CancellationToken cancellationToken);
}
