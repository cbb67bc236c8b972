using System.Text.Json.Serialization;
using Pipeline.Contracts;

namespace Pipeline.BookingApp;

/// <summary>Rooms of one kind, at the price of one.</summary>
public sealed record BookedRoom([Room] string Room, [Count] int Count, [Money] decimal Price);

/// <summary>A guest booked rooms. Carries the booking, so that nobody has to ask for it.</summary>
[Event("com.contoso.bookings.booking-made.v1", "bookings", "{bookingId}", Kind = ContractKind.StateTransfer, IsPublic = true)]
public sealed record BookingMade(
    [BookingId] string BookingId,
    [Text(1, 64)] string GuestId,
    [Currency] string Currency,
    [Money] decimal Total,
    [Items(1, 50)] IReadOnlyList<BookedRoom> Rooms,
    [Text(0, 1_000_000)][property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Note = null);

/// <summary>An amount of money.</summary>
public sealed record Amount([Money] decimal Value, [Currency] string Currency);

/// <summary>Rooms of one kind, at the price of one, which has its own currency.</summary>
public sealed record BookedRoomV2([Room] string Room, [Count] int Count, Amount Price);

/// <summary>A guest booked rooms. Against version 1, every amount has its own currency.</summary>
[Event("com.contoso.bookings.booking-made.v2", "bookings", "{bookingId}", Kind = ContractKind.StateTransfer, IsPublic = true)]
public sealed record BookingMadeV2(
    [BookingId] string BookingId,
    [Text(1, 64)] string GuestId,
    Amount Total,
    [Items(1, 50)] IReadOnlyList<BookedRoomV2> Rooms,
    [Text(0, 1_000_000)][property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Note = null);

/// <summary>A booking was cancelled, by the guest or because rooms, charge or key failed. Final.</summary>
[Event("com.contoso.bookings.booking-cancelled.v1", "bookings", "{bookingId}", IsPublic = true)]
public sealed record BookingCancelled([BookingId] string BookingId, [Text(0, 10_000)] string Reason);

/// <summary>A booking is charged and its key is issued. Final.</summary>
[Event("com.contoso.bookings.booking-completed.v1", "bookings", "{bookingId}", Kind = ContractKind.StateTransfer, IsPublic = true)]
public sealed record BookingCompleted(
    [BookingId] string BookingId, [Text(1, 64)] string GuestId, [Currency] string Currency, [Money] decimal Total, [Items(1, 50)] IReadOnlyList<BookedRoom> Rooms);

/// <summary>A booking is over, in the shape that reports need. It comes with the event that says how it ended.</summary>
[Event("com.contoso.bookings.booking-closed.v1", "bookings", "{bookingId}", Kind = ContractKind.StateTransfer)]
public sealed record BookingClosed(
    [BookingId] string BookingId, [OneOf("completed", "cancelled")] string Outcome, [Currency] string Currency, [Money] decimal Total, DateTimeOffset ClosedAt);
