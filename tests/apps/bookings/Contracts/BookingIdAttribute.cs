using Pipeline.Contracts;

namespace Pipeline.BookingApp;

/// <summary>The id of a booking.</summary>
public sealed class BookingIdAttribute() : TextAttribute(1, 73, "A-Za-z0-9._~-");
