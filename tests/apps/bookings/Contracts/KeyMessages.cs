using Pipeline.Contracts;

namespace Pipeline.BookingApp;

/// <summary>The guest has the key of the booked rooms.</summary>
[Event("com.contoso.keys.key-issued.v1", "keys", "{bookingId}", IsPublic = true)]
public sealed record KeyIssued([BookingId] string BookingId, [Text(1, 64)] string GuestId, [Text(1, 100)] string Number);

/// <summary>The lock system issues no key. Final.</summary>
[Event("com.contoso.keys.key-refused.v1", "keys", "{bookingId}")]
public sealed record KeyRefused([BookingId] string BookingId, [Text(0, 10_000)] string Reason);

/// <summary>A key was revoked, because its booking was cancelled. Final.</summary>
[Event("com.contoso.keys.key-revoked.v1", "keys", "{bookingId}")]
public sealed record KeyRevoked([BookingId] string BookingId, [Text(1, 100)] string Number);

/// <summary>A guest opened the door for the first time. Comes from the lock system itself, by webhook.</summary>
[Event("com.contoso.locks.door-opened.v1", "webhooks", "door-{bookingId}")]
public sealed record DoorOpened([BookingId] string BookingId, DateTimeOffset OpenedAt);
