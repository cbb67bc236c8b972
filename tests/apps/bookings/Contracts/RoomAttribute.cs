using Pipeline.Contracts;

namespace Pipeline.BookingApp;

/// <summary>The name of a kind of room.</summary>
public sealed class RoomAttribute() : TextAttribute(1, 64, "A-Za-z0-9._-");
