using Pipeline.Consumers;
using Pipeline.Decisions;
using Pipeline.State;

namespace Pipeline.BookingApp;

/// <summary>The key of one booking: issued once the booking is charged, revoked if it is cancelled. The events come from different topics, in any order.</summary>
public sealed record RoomKey(string BookingId)
{
    public KeyStatus Status { get; init; }

    /// <summary>Gets the guest; <see langword="null"/>, as the rooms, until BookingMade was received.</summary>
    public string? GuestId { get; init; }

    public IReadOnlyList<BookedRoom>? Rooms { get; init; }

    public bool IsCharged { get; init; }

    /// <summary>Gets the number of the key; <see langword="null"/> until it was issued.</summary>
    public string? Number { get; init; }

    public static DocumentState<RoomKey> Document { get; } = new();

    /// <summary>Handles the events of Bookings.</summary>
    public static Consumer OnBookings { get; } = Consumer.Of("bookings/keys", "keys", Document)
        .On<BookingMade, ILockGateway>((key, made, _, locks, cancellationToken) =>
            IssueWhenDueAsync((key ?? new RoomKey(made.BookingId)) with { GuestId = made.GuestId, Rooms = made.Rooms }, locks, cancellationToken))
        .On<BookingCancelled, ILockGateway>(CancelledAsync);

    /// <summary>Handles the events of Charges.</summary>
    public static Consumer OnCharges { get; } = Consumer.Of("charges/keys", "keys", Document)
        .On<ChargeMade, ILockGateway>((key, charged, _, locks, cancellationToken) =>
            IssueWhenDueAsync((key ?? new RoomKey(charged.BookingId)) with { IsCharged = true }, locks, cancellationToken));

    /// <summary>The gateway's key of what is issued for a booking: one per booking, whatever message leads to it.</summary>
    public static string IssueKey(string bookingId) => "issue-" + bookingId;

    /// <summary>The gateway's key of what is revoked for a booking.</summary>
    public static string RevokeKey(string bookingId) => "revoke-" + bookingId;

    private static async Task<Decision<RoomKey>> IssueWhenDueAsync(RoomKey key, ILockGateway locks, CancellationToken cancellationToken)
    {
        if (key is not { IsCharged: true, GuestId: { } guestId })
            return Decision<RoomKey>.Save(key);
        switch (key.Status)
        {
            case KeyStatus.Open:
                var issued = await locks.IssueAsync(IssueKey(key.BookingId), key.BookingId, guestId, cancellationToken);
                return issued.Refused is { } refused
                    ? Decision<RoomKey>.Save(key with { Status = KeyStatus.Refused }).Publish(new KeyRefused(key.BookingId, refused))
                    : Decision<RoomKey>
                        .Save(key with { Status = KeyStatus.Issued, Number = issued.Number })
                        .Publish(new KeyIssued(key.BookingId, guestId, issued.Number));

            case KeyStatus.Cancelled:
                // An earlier attempt at this message may have issued a key and then lost the commit to the cancellation.
                return await CancelAsync(key, locks, cancellationToken);

            default:
                return Decision<RoomKey>.Save(key);
        }
    }

    private static async Task<Decision<RoomKey>> CancelledAsync(
        RoomKey? key, BookingCancelled cancelled, HandlerContext context, ILockGateway locks, CancellationToken cancellationToken)
    {
        key ??= new RoomKey(cancelled.BookingId);
        return key.Status switch
        {
            KeyStatus.Open => await CancelAsync(key, locks, cancellationToken),
            KeyStatus.Issued => await RevokeAsync(key, key.Number!, locks, cancellationToken),
            _ => Decision<RoomKey>.Nothing(),
        };
    }

    /// <summary>
    /// Cancels what was not issued according to the stored state. The lock system may have issued a key: a handling whose commit was lost
    /// is not in the state.
    /// </summary>
    private static async Task<Decision<RoomKey>> CancelAsync(RoomKey key, ILockGateway locks, CancellationToken cancellationToken) =>
        await locks.FindAsync(IssueKey(key.BookingId), key.BookingId, cancellationToken) is { Refused: null } issued
            ? await RevokeAsync(key, issued.Number, locks, cancellationToken)
            : Decision<RoomKey>.Save(key with { Status = KeyStatus.Cancelled });

    private static async Task<Decision<RoomKey>> RevokeAsync(RoomKey key, string number, ILockGateway locks, CancellationToken cancellationToken)
    {
        await locks.RevokeAsync(RevokeKey(key.BookingId), key.BookingId, number, cancellationToken);
        return Decision<RoomKey>
            .Save(key with { Status = KeyStatus.Revoked, Number = number })
            .Publish(new KeyRevoked(key.BookingId, number));
    }
}
