using Pipeline.Consumers;
using Pipeline.Decisions;
using Pipeline.State;

namespace Pipeline.BookingApp;

/// <summary>When a guest opened the door for the first time, reported by the webhook of the lock system.</summary>
public sealed record OpenedDoor(string BookingId, DateTimeOffset OpenedAt)
{
    /// <summary>Handles the events of the webhook.</summary>
    public static Consumer OnLocks { get; } = Consumer.Of("webhooks/locks", "keys", new DocumentState<OpenedDoor>())
        .Unordered()
        .On<DoorOpened>((door, opened, _) => door is null
            ? Decision<OpenedDoor>.Save(new OpenedDoor(opened.BookingId, opened.OpenedAt))
            : Decision<OpenedDoor>.Nothing());
}
