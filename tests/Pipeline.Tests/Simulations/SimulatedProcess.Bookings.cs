using Microsoft.Extensions.DependencyInjection;
using Pipeline.BookingApp;
using Pipeline.Commands;

namespace Pipeline.Tests;

/// <content>The commands of the app of bookings.</content>
internal sealed partial class SimulatedProcess
{
    public CommandRunner<Booking> Bookings => Services.GetRequiredService<CommandRunner<Booking>>();

    public CommandRunner<Vacancy> Vacancies => Services.GetRequiredService<CommandRunner<Vacancy>>();

    /// <summary>Books rooms the way an HTTP function would.</summary>
    public Task<CommandResult<Booking>> BookAsync(string key, string guest = "g-1", params (string Room, int Count)[] rooms)
    {
        var bookingId = "b-" + key;
        return Bookings.RunAsync(
            new HttpCommand { Partition = bookingId, IdempotencyKey = key, RequestHash = key, Type = "MakeBooking" },
            (state, _) => BookingDecisions.Make(state, bookingId, guest, "EUR", [.. rooms.Select(r => new BookedRoom(r.Room, r.Count, 10m))]),
            CancellationToken.None);
    }

    public Task<CommandResult<Booking>> CancelAsync(string bookingId) => Bookings.RunAsync(
        new HttpCommand { Partition = bookingId, IdempotencyKey = "cancel", RequestHash = "", Type = "CancelBooking" },
        (booking, context) => BookingDecisions.CancelByGuest(booking, "Changed my mind.", context),
        CancellationToken.None);

    public Task SetRoomsAsync(string room, int total) => Vacancies.RunAsync(
        new HttpCommand { Partition = Vacancy.PartitionOf(room), IdempotencyKey = Invariant($"set-{total}"), RequestHash = "", Type = "SetRooms" },
        (vacancy, _) => Vacancy.SetTotal(vacancy, room, total),
        CancellationToken.None);
}
