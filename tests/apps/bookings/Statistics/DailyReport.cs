using Pipeline.Consumers;
using Pipeline.Decisions;
using Pipeline.State;

namespace Pipeline.BookingApp;

/// <summary>
/// A part of the report of one day: the figures of some kinds of rooms. It handles the notification of Statistics that figures have
/// changed, and reads the current ones.
/// </summary>
public sealed record DailyReport(string Day, IReadOnlyDictionary<string, Figures> Rooms)
{
    /// <summary>Handles the events of Statistics.</summary>
    public static Consumer OnStatistics { get; } = Consumer.Of("statistics/reports", "reports", new DocumentState<DailyReport>())
        .Unordered()
        .PartitionBy<FiguresChanged>((changed, _) => [$"report-{changed.Day}-{PartOf(changed.Room)}"])
        .On<FiguresChanged, IFigureSource>(UpdateAsync);

    /// <summary>The part that a kind of room is in: "a" is in one, "b" and "c" are in another.</summary>
    private static string PartOf(string room) => room[0] % 4 < 2 ? "1" : "2";

    private static async Task<Decision<DailyReport>> UpdateAsync(
        DailyReport? report, FiguresChanged changed, HandlerContext context, IFigureSource source, CancellationToken cancellationToken)
    {
        if (report?.Rooms.GetValueOrDefault(changed.Room) is { } known && known.AsOf >= context.Sequence)
            return Decision<DailyReport>.Nothing();
        var figures = await source.GetAsync(changed.Link, cancellationToken);
        if (figures.AsOf < context.Sequence)
            throw new HttpRequestException($"The figures at '{changed.Link}' are older than their announcement.");
        var rooms = new Dictionary<string, Figures>(report?.Rooms ?? new Dictionary<string, Figures>(StringComparer.Ordinal), StringComparer.Ordinal) { [changed.Room] = figures };
        return Decision<DailyReport>.Save(new DailyReport(changed.Day, rooms));
    }
}
