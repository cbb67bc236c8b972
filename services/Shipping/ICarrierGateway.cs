using Pipeline.Failures;

namespace Pipeline.Services.Shipping;

/// <summary>
/// The port to whoever carries the parcels. Every call that has an effect carries an idempotency key: calling again with
/// the same key answers with the outcome of the first call. A failure that may pass is thrown; a decline is an answer.
/// </summary>
public interface ICarrierGateway
{
    /// <summary>Hands a parcel over.</summary>
    Task<CarrierBooking> BookAsync(string key, string orderId, string customerId, IReadOnlyList<ParcelItem> items, CancellationToken cancellationToken);

    /// <summary>Calls a parcel back.</summary>
    /// <exception cref="PermanentFailureException">The carrier knows no such parcel.</exception>
    Task<CarrierRecall> RecallAsync(string key, string orderId, string trackingNumber, CancellationToken cancellationToken);

    /// <summary>The outcome of an earlier booking, by its key; <see langword="null"/> if there was none.</summary>
    Task<CarrierBooking?> FindAsync(string key, string orderId, CancellationToken cancellationToken);

    /// <summary>All bookings and recalls of an order, oldest first.</summary>
    Task<CarrierRecords> ListAsync(string orderId, CancellationToken cancellationToken);
}
