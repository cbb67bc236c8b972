namespace Pipeline.BookingApp;

/// <summary>The rooms of one kind in a reservation.</summary>
public sealed record Hold(int Count, HoldStatus Status);
