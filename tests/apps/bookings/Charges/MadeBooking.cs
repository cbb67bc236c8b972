namespace Pipeline.BookingApp;

/// <summary>The part of a booking that Charges reads.</summary>
internal sealed record MadeBooking(string BookingId, string GuestId, Amount Total);
