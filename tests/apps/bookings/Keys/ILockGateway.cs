using Pipeline.Failures;

namespace Pipeline.BookingApp;

/// <summary>The port to the lock system. A call with the key of an earlier one gets the answer of that; a refusal is an answer.</summary>
public interface ILockGateway
{
    /// <summary>Issues a key.</summary>
    Task<LockAnswer> IssueAsync(string key, string bookingId, string guestId, CancellationToken cancellationToken);

    /// <summary>Revokes a key.</summary>
    /// <exception cref="PermanentFailureException">The lock system does not know the key.</exception>
    Task<LockAnswer> RevokeAsync(string key, string bookingId, string number, CancellationToken cancellationToken);

    /// <summary>Gets the answer of an earlier call, by its key; <see langword="null"/> if there was none.</summary>
    Task<LockAnswer?> FindAsync(string key, string bookingId, CancellationToken cancellationToken);
}
