using Pipeline.Consumers;
using Pipeline.Decisions;
using Pipeline.Failures;
using Pipeline.State;

namespace Pipeline.BookingApp;

/// <summary>
/// The reservation of one booking. Its kinds of rooms are other partitions, so it sends them commands and collects the replies; a reply
/// after the cancellation is answered with a release.
/// </summary>
public sealed record Reservation(string BookingId, ReservationStatus Status, IReadOnlyDictionary<string, Hold> Holds)
{
    public static DocumentState<Reservation> Document { get; } = new();

    /// <summary>Handles the events of Bookings.</summary>
    public static Consumer OnBookings { get; } = Consumer.Of("bookings/rooms", "rooms", Document)
        .On<BookingMadeV2>(Ask)
        .On<BookingCancelled>((reservation, _, _) => reservation?.Status is ReservationStatus.Pending or ReservationStatus.Reserved
            ? GiveBack(reservation, ReservationStatus.Released)
            : Decision<Reservation>.Nothing());

    /// <summary>Handles the replies of the kinds of rooms.</summary>
    public static Consumer Replies { get; } = Consumer.Of("reservations", "rooms", Document)
        .On<RoomHeld>((reservation, reply, _) => Answer(reservation, reply.BookingId, reply.Room, HoldStatus.Held))
        .On<RoomRefused>((reservation, reply, _) => Answer(reservation, reply.BookingId, reply.Room, HoldStatus.None));

    private static Decision<Reservation> Ask(Reservation? reservation, BookingMadeV2 booking, HandlerContext context)
    {
        var holds = booking.Rooms
            .GroupBy(r => r.Room, StringComparer.Ordinal)
            .ToDictionary(g => g.Key, g => new Hold(g.Sum(r => r.Count), HoldStatus.Pending), StringComparer.Ordinal);
        var decision = Decision<Reservation>.Save(new Reservation(booking.BookingId, ReservationStatus.Pending, holds));
        foreach (var (room, hold) in holds)
            decision.Publish(new ReserveRoom(room, booking.BookingId, hold.Count));
        return decision;
    }

    private static Decision<Reservation> Answer(Reservation? reservation, string bookingId, string room, HoldStatus status)
    {
        if (reservation is null || !reservation.Holds.TryGetValue(room, out var hold) || hold.Status != HoldStatus.Pending)
            throw new PermanentFailureException($"'{room}' answers for the booking '{bookingId}', which does not wait for it.");

        var next = reservation with
        {
            Holds = new Dictionary<string, Hold>(reservation.Holds, StringComparer.Ordinal) { [room] = hold with { Status = status } },
        };
        if (reservation.Status == ReservationStatus.Released)
            return GiveBack(next, ReservationStatus.Released);
        if (next.Holds.Values.Any(h => h.Status == HoldStatus.Pending))
            return Decision<Reservation>.Save(next);
        if (next.Holds.Values.All(h => h.Status == HoldStatus.Held))
            return Decision<Reservation>.Save(next with { Status = ReservationStatus.Reserved }).Publish(new RoomsReserved(bookingId));
        var lacking = next.Holds.Where(h => h.Value.Status == HoldStatus.None).Select(h => h.Key).Order(StringComparer.Ordinal).ToList();
        return GiveBack(next, ReservationStatus.Rejected).Publish(new RoomsUnavailable(bookingId, lacking));
    }

    /// <summary>Releases the rooms that are held; those without a reply are released when it arrives.</summary>
    private static Decision<Reservation> GiveBack(Reservation reservation, ReservationStatus status)
    {
        var decision = Decision<Reservation>.Save(reservation with
        {
            Status = status,
            Holds = reservation.Holds.ToDictionary(
                h => h.Key, h => h.Value.Status == HoldStatus.Held ? h.Value with { Status = HoldStatus.None } : h.Value, StringComparer.Ordinal),
        });
        foreach (var (room, hold) in reservation.Holds.Where(h => h.Value.Status == HoldStatus.Held))
            decision.Publish(new ReleaseRoom(room, reservation.BookingId, hold.Count));
        return decision;
    }
}
