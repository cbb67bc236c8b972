using Pipeline.Consumers;
using Pipeline.Decisions;
using Pipeline.Failures;

namespace Pipeline.BookingApp;

/// <summary>
/// The decisions of a booking about commands of guests and events of the other services, which arrive in any order, so that a later one
/// implies the earlier ones: a booking with a key was charged.
/// </summary>
public static class BookingDecisions
{
    /// <summary>Handles the events of Rooms.</summary>
    public static Consumer OnRooms { get; } = Consumer.Of("rooms/bookings", "bookings", Booking.Stream)
        .On<RoomsReserved>((booking, received, _) => Known(booking, received.BookingId).Status == BookingStatus.Made
            ? Decision<Booking>.Append(new BookingEvent.RoomsConfirmed())
            : Decision<Booking>.Nothing())
        .On<RoomsUnavailable>((booking, received, context) => Cancel(Known(booking, received.BookingId), $"No room: {string.Join(", ", received.Rooms)}.", context));

    /// <summary>Handles the events of Charges.</summary>
    public static Consumer OnCharges { get; } = Consumer.Of("charges/bookings", "bookings", Booking.Stream)
        .On<ChargeMade>((booking, received, _) => Known(booking, received.BookingId).Status is BookingStatus.Made or BookingStatus.Reserved
            ? Decision<Booking>.Append(new BookingEvent.Charged(received.Amount))
            : Decision<Booking>.Nothing()) // Cancelled meanwhile: Charges refunds on BookingCancelled.
        .On<ChargeFailed>((booking, received, context) => Cancel(Known(booking, received.BookingId), received.Reason, context))
        .On<ChargeRefunded>((_, _, _) => Decision<Booking>.Nothing());

    /// <summary>Handles the events of Keys.</summary>
    public static Consumer OnKeys { get; } = Consumer.Of("keys/bookings", "bookings", Booking.Stream)
        .On<KeyIssued>(Complete)
        .On<KeyRefused>((booking, received, context) => Cancel(Known(booking, received.BookingId), received.Reason, context))
        .On<KeyRevoked>((_, _, _) => Decision<Booking>.Nothing());

    /// <summary>The guest books rooms.</summary>
    public static Decision<Booking> Make(Booking? booking, string bookingId, string guestId, string currency, IReadOnlyList<BookedRoom> rooms)
    {
        if (booking is not null)
            return Decision<Booking>.Refuse("booking-exists", $"The booking '{bookingId}' exists already.");
        var total = rooms.Sum(r => r.Count * r.Price);
        return Decision<Booking>
            .Append(new BookingEvent.Made(bookingId, guestId, currency, total, rooms))
            .Publish(new BookingMadeV2(
                bookingId, guestId, new Amount(total, currency), [.. rooms.Select(r => new BookedRoomV2(r.Room, r.Count, new Amount(r.Price, currency)))]));
    }

    /// <summary>The guest cancels a booking that is not final yet, also a charged one: Charges refunds, and Keys revokes the key if it was issued meanwhile.</summary>
    public static Decision<Booking> CancelByGuest(Booking? booking, string reason, HandlerContext context) => booking?.Status switch
    {
        null => Decision<Booking>.Refuse("booking-unknown", "There is no such booking."),
        BookingStatus.Completed => Decision<Booking>.Refuse("booking-completed", "The booking is completed and cannot be cancelled."),
        _ => Cancel(booking, reason, context),
    };

    private static Decision<Booking> Complete(Booking? booking, KeyIssued received, HandlerContext context) => Known(booking, received.BookingId).IsOpen
        ? Decision<Booking>.Append(new BookingEvent.KeyHandedOver(received.Number), new BookingEvent.Completed())
            .Publish(new BookingCompleted(booking!.BookingId, booking.GuestId, booking.Currency, booking.Total, booking.Rooms))
            .Publish(Closed(booking, "completed", context))
        : Decision<Booking>.Nothing(); // Cancelled meanwhile: Keys revokes on BookingCancelled.

    private static Decision<Booking> Cancel(Booking booking, string reason, HandlerContext context) => booking.IsOpen
        ? Decision<Booking>.Append(new BookingEvent.Cancelled(reason))
            .Publish(new BookingCancelled(booking.BookingId, reason))
            .Publish(Closed(booking, "cancelled", context))
        : Decision<Booking>.Nothing();

    private static BookingClosed Closed(Booking booking, string outcome, HandlerContext context) =>
        new(booking.BookingId, outcome, booking.Currency, booking.Total, context.Now);

    private static Booking Known(Booking? booking, string bookingId) =>
        booking ?? throw new PermanentFailureException($"There is no booking '{bookingId}'.");
}
