using Pipeline.Failures;

namespace Pipeline.Services.Shipping;

/// <summary>
/// The port to the carrier. Every call that has an effect carries an idempotency key: calling again with
/// the same key answers with the outcome of the first call. A transient failure is thrown; a decline is an answer.
/// </summary>
public interface ICarrierGateway
{
    /// <summary>Books a parcel.</summary>
    Task<CarrierBooking> BookAsync(string key, string orderId, string customerId, IReadOnlyList<ParcelItem> items, CancellationToken cancellationToken);

    /// <summary>Recalls a parcel.</summary>
    /// <exception cref="PermanentFailureException">The carrier does not know the parcel.</exception>
    Task<CarrierRecall> RecallAsync(string key, string orderId, string trackingNumber, CancellationToken cancellationToken);

    /// <summary>The outcome of an earlier booking, by its key; <see langword="null"/> if there was none.</summary>
    Task<CarrierBooking?> FindAsync(string key, string orderId, CancellationToken cancellationToken);

    /// <summary>All bookings and recalls of an order, oldest first.</summary>
    Task<CarrierRecords> ListAsync(string orderId, CancellationToken cancellationToken);
}
