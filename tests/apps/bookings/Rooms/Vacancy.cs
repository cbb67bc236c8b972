using Pipeline.Consumers;
using Pipeline.Decisions;
using Pipeline.Failures;
using Pipeline.State;

namespace Pipeline.BookingApp;

/// <summary>The rooms of one kind. It has only counts: every command takes effect once.</summary>
public sealed record Vacancy(string Room, int Total, int Reserved)
{
    public static DocumentState<Vacancy> Document { get; } = new();

    /// <summary>Handles the commands to a kind of room.</summary>
    public static Consumer Commands { get; } = Consumer.Of("vacancies", "rooms", Document)
        .On<ReserveRoom>(Reserve)
        .On<ReleaseRoom>(Release);

    public static string PartitionOf(string room) => "room-" + room;

    /// <summary>Sets how many rooms there are.</summary>
    public static Decision<Vacancy> SetTotal(Vacancy? vacancy, string room, int total) => Decision<Vacancy>.Save(new Vacancy(room, total, vacancy?.Reserved ?? 0));

    private static Decision<Vacancy> Reserve(Vacancy? vacancy, ReserveRoom command, HandlerContext context) =>
        vacancy is not null && vacancy.Total - vacancy.Reserved >= command.Count
            ? Decision<Vacancy>.Save(vacancy with { Reserved = vacancy.Reserved + command.Count }).Publish(new RoomHeld(command.BookingId, command.Room))
            : Decision<Vacancy>.Nothing().Publish(new RoomRefused(command.BookingId, command.Room));

    private static Decision<Vacancy> Release(Vacancy? vacancy, ReleaseRoom command, HandlerContext context) =>
        vacancy is not null && vacancy.Reserved >= command.Count
            ? Decision<Vacancy>.Save(vacancy with { Reserved = vacancy.Reserved - command.Count })
            : throw new PermanentFailureException($"Fewer rooms '{command.Room}' are reserved than are to be released for '{command.BookingId}'.");
}
