namespace Pipeline.BookingApp;

/// <summary>Between the versions of <see cref="BookingMade"/>.</summary>
internal static class BookingMadeVersions
{
    /// <summary>Version 1 as version 2: the booking's one currency is that of every amount.</summary>
    public static BookingMadeV2 Upcast(BookingMade booking) => new(
        booking.BookingId,
        booking.GuestId,
        new Amount(booking.Total, booking.Currency),
        [.. booking.Rooms.Select(r => new BookedRoomV2(r.Room, r.Count, new Amount(r.Price, booking.Currency)))],
        booking.Note);

    /// <summary>Version 2 as version 1, while somebody reads that.</summary>
    public static BookingMade Downcast(BookingMadeV2 booking) => new(
        booking.BookingId,
        booking.GuestId,
        booking.Total.Currency,
        booking.Total.Value,
        [.. booking.Rooms.Select(r => new BookedRoom(r.Room, r.Count, r.Price.Value))],
        booking.Note);
}
