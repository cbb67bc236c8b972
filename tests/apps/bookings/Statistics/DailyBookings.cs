using Pipeline.Consumers;
using Pipeline.Decisions;
using Pipeline.State;

namespace Pipeline.BookingApp;

/// <summary>The counts of a day's bookings by outcome. They may be counted in any sequence, many in one commit.</summary>
public sealed record DailyBookings(string Day, int Completed, int Cancelled, IReadOnlyDictionary<string, decimal> Revenue)
{
    /// <summary>Handles the events of Bookings.</summary>
    public static Consumer OnBookings { get; } = Consumer.Of("bookings/reports", "reports", new DocumentState<DailyBookings>())
        .Unordered()
        .PartitionBy<BookingClosed>((booking, _) => ["bookings-" + Sums.DayOf(booking.ClosedAt)])
        .On<BookingClosed>(Add);

    private static Decision<DailyBookings> Add(DailyBookings? bookings, BookingClosed closed, HandlerContext context)
    {
        var before = bookings ?? new DailyBookings(Sums.DayOf(closed.ClosedAt), 0, 0, new Dictionary<string, decimal>(StringComparer.Ordinal));
        return Decision<DailyBookings>.Save(closed.Outcome == "completed"
            ? before with { Completed = before.Completed + 1, Revenue = Sums.With(before.Revenue, closed.Currency, closed.Total) }
            : before with { Cancelled = before.Cancelled + 1 });
    }
}
