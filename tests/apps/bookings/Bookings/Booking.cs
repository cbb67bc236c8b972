using Pipeline.State;

namespace Pipeline.BookingApp;

/// <summary>A booking, folded from its events.</summary>
public sealed record Booking(string BookingId, string GuestId, string Currency, decimal Total, IReadOnlyList<BookedRoom> Rooms, BookingStatus Status, string? Reason)
{
    public static StreamState<Booking, BookingEvent> Stream { get; } = new(Apply);

    public bool IsOpen => Status is BookingStatus.Made or BookingStatus.Reserved or BookingStatus.Charged;

    private static Booking Apply(Booking? booking, BookingEvent happened, DateTimeOffset at) => happened switch
    {
        BookingEvent.Made e => new Booking(e.BookingId, e.GuestId, e.Currency, e.Total, e.Rooms, BookingStatus.Made, Reason: null),
        BookingEvent.RoomsConfirmed => booking! with { Status = BookingStatus.Reserved },
        BookingEvent.Charged => booking! with { Status = BookingStatus.Charged },
        BookingEvent.KeyHandedOver => booking!,
        BookingEvent.Completed => booking! with { Status = BookingStatus.Completed },
        BookingEvent.Cancelled e => booking! with { Status = BookingStatus.Cancelled, Reason = e.Reason },
        _ => throw new NotSupportedException($"A booking cannot apply '{happened.GetType().Name}'."),
    };
}
