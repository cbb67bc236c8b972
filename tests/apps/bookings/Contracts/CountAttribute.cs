using Pipeline.Contracts;

namespace Pipeline.BookingApp;

/// <summary>A number of rooms, at least one.</summary>
public sealed class CountAttribute() : NumberAttribute(1, 1_000_000);
