using Microsoft.Azure.Cosmos;
using Pipeline.Failures;

namespace Pipeline.BookingApp;

/// <summary>Issues keys to all guests but one.</summary>
public sealed class SimulatedLockGateway(Container container) : ILockGateway
{
    /// <summary>The guest who gets no key.</summary>
    public const string RefusedGuest = "guest-refused";

    private readonly GatewayAnswers<LockAnswer> _answers = new(container, "lock", GatewayJson.Default.GatewayRecordLockAnswer);

    public Task<LockAnswer> IssueAsync(string key, string bookingId, string guestId, CancellationToken cancellationToken) =>
        _answers.KeepAsync(key, bookingId, new(key, "K-" + bookingId, guestId == RefusedGuest ? "No key is issued." : null), cancellationToken);

    public async Task<LockAnswer> RevokeAsync(string key, string bookingId, string number, CancellationToken cancellationToken) =>
        await FindAsync(RoomKey.IssueKey(bookingId), bookingId, cancellationToken) is { Refused: null } issued && issued.Number == number
            ? await _answers.KeepAsync(key, bookingId, new(key, number), cancellationToken)
            : throw new PermanentFailureException($"The lock system has no key '{number}' of the booking '{bookingId}'.");

    public Task<LockAnswer?> FindAsync(string key, string bookingId, CancellationToken cancellationToken) => _answers.FindAsync(key, bookingId, cancellationToken);
}
