using Pipeline.Contracts;

namespace Pipeline.BookingApp;

/// <summary>Command: reserve rooms of one kind for a booking.</summary>
[Command("com.contoso.rooms.reserve-room.v1", "vacancies", "room-{room}")]
public sealed record ReserveRoom([Room] string Room, [BookingId] string BookingId, [Count] int Count);

/// <summary>Command: give back rooms that were reserved for a booking.</summary>
[Command("com.contoso.rooms.release-room.v1", "vacancies", "room-{room}")]
public sealed record ReleaseRoom([Room] string Room, [BookingId] string BookingId, [Count] int Count);

/// <summary>Reply: the rooms are held.</summary>
[Reply("com.contoso.rooms.room-held.v1", "reservations", "{bookingId}")]
public sealed record RoomHeld([BookingId] string BookingId, [Room] string Room);

/// <summary>Reply: there are not enough rooms.</summary>
[Reply("com.contoso.rooms.room-refused.v1", "reservations", "{bookingId}")]
public sealed record RoomRefused([BookingId] string BookingId, [Room] string Room);

/// <summary>All rooms of a booking are reserved.</summary>
[Event("com.contoso.rooms.rooms-reserved.v1", "rooms", "{bookingId}")]
public sealed record RoomsReserved([BookingId] string BookingId);

/// <summary>The rooms of a booking cannot be reserved; what had been is released again.</summary>
[Event("com.contoso.rooms.rooms-unavailable.v1", "rooms", "{bookingId}")]
public sealed record RoomsUnavailable([BookingId] string BookingId, [Items(1, 50)][Room] IReadOnlyList<string> Rooms);
