namespace Pipeline.BookingApp;

/// <summary>The statistics of a kind of room on a day, as of the last event that announced them.</summary>
public sealed record Figures(string Day, string Room, int Bookings, int Count, IReadOnlyDictionary<string, decimal> Revenue, long AsOf);
