namespace Pipeline.BookingApp;

/// <summary>
/// The port to what charges guests. A call with the key of an earlier one gets the answer of that. A transient failure is thrown; a
/// decline is an answer.
/// </summary>
public interface IChargeGateway
{
    /// <summary>Charges a guest.</summary>
    Task<ChargeTransaction> ChargeAsync(string key, string bookingId, string guestId, decimal amount, string currency, CancellationToken cancellationToken);

    /// <summary>Refunds a charge.</summary>
    Task<ChargeTransaction> RefundAsync(string key, string bookingId, decimal amount, string currency, CancellationToken cancellationToken);

    /// <summary>Gets the answer of an earlier call, by its key; <see langword="null"/> if there was none.</summary>
    Task<ChargeTransaction?> FindAsync(string key, string bookingId, CancellationToken cancellationToken);
}
