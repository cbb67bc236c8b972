using Pipeline.Commands;

namespace Pipeline.BookingApp;

/// <summary>The figures of Statistics, read where they are stored.</summary>
internal sealed class StoredFigures(CommandRunner<RoomStatistics> statistics) : IFigureSource
{
    public async Task<Figures> GetAsync(string link, CancellationToken cancellationToken)
    {
        var parts = link.Split('/');
        var (state, number) = await statistics.ReadWithNumberAsync(RoomStatistics.PartitionOf(parts[0], parts[1]), cancellationToken);
        return new Figures(state!.Day, state.Room, state.Bookings, state.Count, state.Revenue, number);
    }
}
