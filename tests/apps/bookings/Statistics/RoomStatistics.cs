using Pipeline.Consumers;
using Pipeline.Decisions;
using Pipeline.Failures;
using Pipeline.State;

namespace Pipeline.BookingApp;

/// <summary>
/// What was booked of one kind of room on one day (UTC). Bookings may be counted in any sequence, so that many are counted in one
/// commit; one booking counts in the partition of each of its kinds of rooms.
/// </summary>
public sealed record RoomStatistics(string Day, string Room, int Bookings, int Count, IReadOnlyDictionary<string, decimal> Revenue)
{
    public static DocumentState<RoomStatistics> Document { get; } = new();

    /// <summary>Handles the events of Bookings.</summary>
    public static Consumer OnBookings { get; } = Consumer.Of("bookings/statistics", "statistics", Document)
        .Unordered()
        .PartitionBy<BookingCompleted>((booking, message) => booking.Rooms.Select(r => PartitionOf(DayOf(message.Time), r.Room)))
        .On<BookingCompleted>(Add)
        .WhenBatchIsDone((statistics, _) => new FiguresChanged(statistics.Day, statistics.Room, $"{statistics.Day}/{statistics.Room}"));

    public static string PartitionOf(string day, string room) => $"statistics-{day.Replace("-", "", StringComparison.Ordinal)}-{room}";

    private static Decision<RoomStatistics> Add(RoomStatistics? statistics, BookingCompleted booking, HandlerContext context)
    {
        var day = DayOf(context.SentAt);
        var rooms = booking.Rooms.Where(r => PartitionOf(day, r.Room) == context.Partition).ToList();
        var before = statistics ?? new RoomStatistics(day, rooms[0].Room, 0, 0, new Dictionary<string, decimal>(StringComparer.Ordinal));
        return Decision<RoomStatistics>.Save(before with
        {
            Bookings = before.Bookings + 1,
            Count = before.Count + rooms.Sum(r => r.Count),
            Revenue = Sums.With(before.Revenue, booking.Currency, rooms.Sum(r => r.Count * r.Price)),
        });
    }

    /// <summary>The day that an event counts for; one without a time cannot be counted.</summary>
    private static string DayOf(DateTimeOffset? time) => Sums.DayOf(
        time ?? throw new PermanentFailureException("The event has no 'time', so nothing tells which day it counts for."));
}
