namespace Pipeline.BookingApp;

/// <summary>What the lock system did: it issued a key, or revoked one.</summary>
/// <param name="Key">The idempotency key that it was asked with.</param>
/// <param name="Number">The number of the room's key.</param>
/// <param name="Refused">Why no key was issued; <see langword="null"/> if one was.</param>
public sealed record LockAnswer(string Key, string Number, string? Refused = null);
